#include "services/kinesis/sequence.h"

#include <gtest/gtest.h>

namespace tarn::kinesis {
namespace {

TEST(SequenceNumber, LooksLikeThoseOfAws) {
  const std::string text = format_sequence({{1'700'000'000'000, 3}, 42});
  EXPECT_EQ(text, "49170000000000000000000000000000042000000000300000000000");
  EXPECT_EQ(text.size(), 56U);
}

TEST(SequenceNumber, IsReadBack) {
  const SequenceNumber sequence{{9'999'999'999'999, 4'294'967'295U}, UINT64_MAX};
  EXPECT_EQ(parse_sequence(format_sequence(sequence)), sequence);
}

TEST(SequenceNumber, GrowsWithinAShardAndToItsChildren) {
  const std::string before = format_sequence({{1000, 7}, 9});
  const std::string next = format_sequence({{1000, 7}, 10});
  const std::string child = format_sequence({{1001, 8}, 1});
  EXPECT_LT(before, next);  // all have 56 digits: text order is number order
  EXPECT_LT(next, child);
}

TEST(SequenceNumber, RefusesForeignNumbers) {
  const std::string good = format_sequence({{1000, 7}, 9});
  EXPECT_FALSE(parse_sequence(""));
  EXPECT_FALSE(parse_sequence("0"));
  EXPECT_FALSE(parse_sequence("123"));
  EXPECT_FALSE(parse_sequence(good + "0"));
  EXPECT_FALSE(parse_sequence("50" + good.substr(2)));
  EXPECT_FALSE(parse_sequence(good.substr(0, 55) + "1"));
  EXPECT_FALSE(parse_sequence(good.substr(0, 20) + "x" + good.substr(21)));
  EXPECT_FALSE(
      parse_sequence("49" + std::string(13, '0') + std::string(20, '9') + good.substr(35)));
}

}  // namespace
}  // namespace tarn::kinesis
