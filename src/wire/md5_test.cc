#include "wire/md5.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/encoding.h"

namespace tarn::wire {
namespace {

// By both ways, which must agree.
std::string md5_of(std::string_view data) {
  Md5 stream;
  stream.update(data);
  const auto at_once = md5(data);
  EXPECT_EQ(std::string(at_once.begin(), at_once.end()), stream.digest());
  return to_hex(stream.digest());
}

// Text whose bytes depend on where they stand and on `seed`.
std::string text_of(std::size_t size, unsigned seed) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 131 + i / 251 + seed);
  return out;
}

// RFC 1321 section A.5
TEST(Md5, IsThatOfTheRfc) {
  EXPECT_EQ(md5_of(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_of("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(md5_of("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5_of("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5_of("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(
      md5_of("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
      "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, DoesNotDependOnHowTheDataComes) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text = text_of(size, 1);
    const std::string whole = md5_of(text);
    for (std::size_t cut = 0; cut <= size; cut += 7) {
      Md5 stream;
      stream.update(std::string_view(text).substr(0, cut));
      EXPECT_EQ(to_hex(stream.digest()), md5_of(text.substr(0, cut)));
      stream.update(std::string_view(text).substr(cut));
      ASSERT_EQ(to_hex(stream.digest()), whole) << size << " cut at " << cut;
    }
  }
}

TEST(Md5, StreamsSideBySideDoNotMix) {
  for (std::size_t count = 1; count <= 9; ++count) {
    std::vector<std::string> texts;
    std::vector<Md5> streams(count);
    for (std::size_t i = 0; i < count; ++i)
      texts.push_back(text_of(1000 + 77 * i * i, static_cast<unsigned>(i)));
    // In three turns of different lengths, so that the streams stand in the middle of blocks.
    std::vector<std::size_t> at(count, 0);
    for (std::size_t turn = 0; turn < 3; ++turn) {
      std::vector<Md5::Addition> additions;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t length = turn == 2 ? std::string::npos : 10 + 100 * turn + 31 * i;
        const std::string_view piece = std::string_view(texts[i]).substr(at[i], length);
        at[i] += piece.size();
        additions.push_back({&streams[i], piece});
      }
      Md5::update_together(additions);
    }
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_EQ(to_hex(streams[i].digest()), md5_of(texts[i])) << i << " of " << count;
  }
}

}  // namespace
}  // namespace tarn::wire
