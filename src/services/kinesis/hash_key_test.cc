#include "services/kinesis/hash_key.h"

#include <gtest/gtest.h>

namespace tarn::kinesis {
namespace {

std::string hex_md5(std::string_view text) {
  std::string hex;
  for (const std::uint8_t byte : md5(text)) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

// The test suite of RFC 1321, appendix A.5, and lengths around the padding's edges.
TEST(Md5, GivesTheDigestsOfItsRfc) {
  EXPECT_EQ(hex_md5(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_md5("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(hex_md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_md5("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hex_md5("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(hex_md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
            "d174ab98d277d9f5a5611c2c9f419d9f");
  EXPECT_EQ(hex_md5("1234567890123456789012345678901234567890123456789012345678901234567890123456"
                    "7890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, PadsEveryLength) {
  EXPECT_EQ(hex_md5(std::string(55, 'x')), "04364420e25c512fd958a70738aa8f72");
  EXPECT_EQ(hex_md5(std::string(56, 'x')), "668a72d5ba17f08e62dabcafad6db14b");
  EXPECT_EQ(hex_md5(std::string(64, 'x')), "c1bb4f81d892b2d57947682aeb252456");
  EXPECT_EQ(hex_md5(std::string(128, 'x')), "d69cb61a6ee87200676eb0d4b90edbcb");
}

TEST(HashKey, IsTheDigestAsABigEndianNumber) {
  // md5("a") as a number, the example that AWS users compute with Python's int(…, 16).
  EXPECT_EQ(format_hash_key(hash_partition_key("a")), "16955237001963240173058271559858726497");
}

TEST(HashKey, DecimalsGoBothWays) {
  EXPECT_EQ(format_hash_key(0), "0");
  EXPECT_EQ(format_hash_key(kLastHashKey), "340282366920938463463374607431768211455");
  EXPECT_TRUE(parse_hash_key("340282366920938463463374607431768211455") == kLastHashKey);
  EXPECT_TRUE(parse_hash_key("0") == HashKey{0});
}

TEST(HashKey, RefusesWhatIsNotBelow2To128) {
  EXPECT_FALSE(parse_hash_key("340282366920938463463374607431768211456").has_value());
  EXPECT_FALSE(parse_hash_key("999999999999999999999999999999999999999").has_value());
  EXPECT_FALSE(parse_hash_key("").has_value());
  EXPECT_FALSE(parse_hash_key("01").has_value());
  EXPECT_FALSE(parse_hash_key("-1").has_value());
  EXPECT_FALSE(parse_hash_key("1a").has_value());
}

}  // namespace
}  // namespace tarn::kinesis
