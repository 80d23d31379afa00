// The Spot market: what its prices and interruptions are, and that a seed is all of its chance.
#include "services/emr/spot_market.h"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tarn::emr {
namespace {

constexpr std::int64_t kMsPerHour = 3'600'000;

InstanceType m7g() {
  return {"m7g.xlarge", 4, 16384, "ARM64", 0.1632};
}

TEST(SpotMarket, PricesAreSixtyToSeventyFivePercentOffAndFollowTheHour) {
  const SpotMarket market(SpotOptions{});
  std::set<double> seen;
  for (std::int64_t hour = 0; hour < 48; ++hour) {
    const double price = *market.price(m7g(), {hour * kMsPerHour});
    EXPECT_GE(price, 0.1632 * 0.25 * 0.95);
    EXPECT_LE(price, 0.1632 * 0.40 * 1.05);
    EXPECT_EQ(price, *market.price(m7g(), {hour * kMsPerHour + kMsPerHour - 1}));
    seen.insert(price);
  }
  EXPECT_EQ(seen.size(), 48U);
}

TEST(SpotMarket, TheSameSeedIsTheSameMarket) {
  SpotOptions other;
  other.seed = 2;
  EXPECT_EQ(SpotMarket(SpotOptions{}).price(m7g(), {0}),
            SpotMarket(SpotOptions{}).price(m7g(), {0}));
  EXPECT_NE(SpotMarket(SpotOptions{}).price(m7g(), {0}), SpotMarket(other).price(m7g(), {0}));
}

TEST(SpotMarket, ABidBelowThePriceGetsNothing) {
  const SpotMarket market(SpotOptions{.scarcity = 0});
  const double price = *market.price(m7g(), {0});
  InstanceTypeConfig config;
  config.instance_type = "m7g.xlarge";
  EXPECT_TRUE(market.offers(m7g(), config, {0}));
  config.bid_price = fmt::format("{:.6f}", price - 0.0001);
  EXPECT_FALSE(market.offers(m7g(), config, {0}));
  config.bid_price = fmt::format("{:.6f}", price + 0.0001);
  EXPECT_TRUE(market.offers(m7g(), config, {0}));
  config.bid_price.reset();
  config.bid_price_as_percentage_of_on_demand_price = 1;
  EXPECT_FALSE(market.offers(m7g(), config, {0}));
}

TEST(SpotMarket, ScarcityIsItsShareOfTheHours) {
  const SpotMarket market(SpotOptions{.scarcity = 0.25});
  InstanceTypeConfig config;
  int without = 0;
  for (std::int64_t hour = 0; hour < 4000; ++hour) {
    without += market.offers(m7g(), config, {hour * kMsPerHour}) ? 0 : 1;
  }
  EXPECT_NEAR(without, 1000, 150);
  EXPECT_FALSE(SpotMarket(SpotOptions{.scarcity = 1}).offers(m7g(), config, {0}));
}

TEST(SpotMarket, InterruptionsComeAsOftenAsTold) {
  SpotOptions options;
  options.interruptions_per_hour = 0.6;
  const SpotMarket market(options);
  int taken = 0;
  for (std::int64_t minute = 0; minute < 60'000; ++minute) {
    taken += market.interrupts("i-1", "m7g.xlarge", minute) ? 1 : 0;
  }
  EXPECT_NEAR(taken, 600, 100);
  options.interruptions_per_hour = 0;
  EXPECT_FALSE(SpotMarket(options).interrupts("i-1", "m7g.xlarge", 7));
}

}  // namespace
}  // namespace tarn::emr
