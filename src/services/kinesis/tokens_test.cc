#include "services/kinesis/tokens.h"

#include <gtest/gtest.h>

#include "wire/encoding.h"

namespace tarn::kinesis {
namespace {

ShardIterator example() {
  ShardIterator iterator;
  iterator.stream_id = "abcdefghij0123456789-abc";
  iterator.account = "123456789012";
  iterator.stream_name = std::string(128, 'n');
  iterator.shard = 4'000'000'000U;
  iterator.position = {UINT64_MAX, 7, 1'000'000};
  iterator.from_horizon = true;
  iterator.made_ms = 1'700'000'000'123;
  return iterator;
}

TEST(Tokens, GiveBackWhatTheySealed) {
  const Tokens tokens("key");
  const std::string sealed = tokens.seal(example());
  EXPECT_LE(sealed.size(), 512U) << "the API allows no more";
  const auto opened = tokens.open_iterator(sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->stream_name, example().stream_name);
  EXPECT_EQ(opened->shard, example().shard);
  EXPECT_EQ(opened->position.counter, UINT64_MAX);
  EXPECT_EQ(opened->position.offset, 1'000'000U);
  EXPECT_TRUE(opened->from_horizon);
  EXPECT_EQ(opened->made_ms, example().made_ms);
}

TEST(Tokens, RefuseWhatTheyDidNotSeal) {
  const Tokens tokens("key");
  const std::string sealed = tokens.seal(example());
  EXPECT_FALSE(Tokens("another").open_iterator(sealed).has_value());
  EXPECT_FALSE(tokens.open_iterator("").has_value());
  EXPECT_FALSE(tokens.open_iterator("%%%").has_value());
  const std::string raw = *wire::from_base64(sealed);
  for (std::size_t at = 0; at < raw.size(); ++at) {
    std::string forged = raw;
    forged[at] = static_cast<char>(forged[at] ^ 1);
    EXPECT_FALSE(tokens.open_iterator(wire::to_base64(forged)).has_value()) << at;
  }
}

TEST(Tokens, KeepPagesAndIteratorsApart) {
  const Tokens tokens("key");
  const std::string page = tokens.seal(PageToken{"streams", "last", 5});
  EXPECT_EQ(tokens.open_page(page)->after, "last");
  EXPECT_FALSE(tokens.open_iterator(page).has_value());
  EXPECT_FALSE(tokens.open_page(tokens.seal(example())).has_value());
}

}  // namespace
}  // namespace tarn::kinesis
