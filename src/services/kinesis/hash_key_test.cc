#include "services/kinesis/hash_key.h"

#include <gtest/gtest.h>

namespace tarn::kinesis {
namespace {

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
