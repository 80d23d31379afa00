// Ranges of addresses, as EC2 takes them.
#include "services/ec2/cidr.h"

#include <gtest/gtest.h>

namespace tarn::ec2 {
namespace {

Cidr range(std::string_view text) {
  return Cidr::parse(text, "cidrBlock").value();
}

TEST(CidrTest, BitsBeyondThePrefixAreZero) {
  EXPECT_EQ(range("10.1.2.3/16").text(), "10.1.0.0/16");
  EXPECT_EQ(range("255.255.255.255/32").text(), "255.255.255.255/32");
  EXPECT_EQ(range("1.2.3.4/0").text(), "0.0.0.0/0");
}

TEST(CidrTest, RefusesWhatIsNoRange) {
  for (const char* text : {"", "10.0.0.0", "10.0.0/8", "10.0.0.256/8", "10.0.0.0/33", "10.0.0.0/",
                           "a.b.c.d/8", "10.0.0.0/8x", "-1.0.0.0/8", "10.0.0.0.0/8"}) {
    const auto parsed = Cidr::parse(text, "cidrBlock");
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_TRUE(parsed.error().is("InvalidParameterValue"));
  }
}

TEST(CidrTest, RangesHoldAndTouchOneAnother) {
  EXPECT_TRUE(range("10.0.0.0/16").contains(range("10.0.255.0/24")));
  EXPECT_FALSE(range("10.0.0.0/16").contains(range("10.1.0.0/24")));
  EXPECT_FALSE(range("10.0.0.0/24").contains(range("10.0.0.0/16")));
  EXPECT_TRUE(range("10.0.0.0/24").overlaps(range("10.0.0.0/16")));
  EXPECT_FALSE(range("10.0.0.0/25").overlaps(range("10.0.0.128/25")));
  EXPECT_EQ(range("10.0.0.0/24").size(), 256U);
  EXPECT_EQ(range("0.0.0.0/0").size(), std::uint64_t{1} << 32);
}

}  // namespace
}  // namespace tarn::ec2
