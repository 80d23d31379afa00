// IpRange: what lies within an address or a block.
#include "services/iam/policy/ip_range.h"

#include <gtest/gtest.h>

namespace tarn::iam::policy {
namespace {

bool holds(std::string_view range, std::string_view address) {
  const auto parsed = IpRange::parse(range);
  return parsed && parsed->contains(address);
}

TEST(IpRange, IsABlockOrOneAddress) {
  EXPECT_TRUE(holds("203.0.113.0/24", "203.0.113.255"));
  EXPECT_FALSE(holds("203.0.113.0/24", "203.0.114.0"));
  EXPECT_TRUE(holds("203.0.113.7", "203.0.113.7"));
  EXPECT_FALSE(holds("203.0.113.7", "203.0.113.8"));
  EXPECT_TRUE(holds("203.0.113.4/30", "203.0.113.7"));
  EXPECT_FALSE(holds("203.0.113.4/30", "203.0.113.8"));
  EXPECT_TRUE(holds("0.0.0.0/0", "8.8.8.8"));
}

TEST(IpRange, TellsTheFamiliesApart) {
  EXPECT_TRUE(holds("2001:db8::/32", "2001:db8:1::1"));
  EXPECT_FALSE(holds("2001:db8::/32", "2001:db9::1"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(holds("::/0", "8.8.8.8"));
}

TEST(IpRange, TakesAnIpv4AddressInIpv6Form) {
  EXPECT_TRUE(holds("203.0.113.0/24", "::ffff:203.0.113.9"));
}

TEST(IpRange, RefusesWhatIsNone) {
  for (const char* text : {"", "/", "/8", "203.0.113", "203.0.113.0/33", "203.0.113.0/-1",
                           "203.0.113.0/2x", "2001:db8::/129", "name", "203.0.113.0/24/1"})
    EXPECT_FALSE(IpRange::parse(text)) << text;
  EXPECT_FALSE(holds("203.0.113.0/24", "203.0.113.0/24"));
}

}  // namespace
}  // namespace tarn::iam::policy
