#include "services/emr/spot_market.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace tarn::emr {
namespace {

constexpr std::int64_t kMarketMinute = 60'000;
constexpr std::int64_t kMinutesPerHour = 60;
constexpr double kHoursPerMonth = 730;
constexpr double kLeastDiscount = 0.60;
constexpr double kMostDiscount = 0.75;
// From one hour to the next.
constexpr double kHourlySwing = 0.05;
// The middles of the advisor's bands, the last one's a guess.
constexpr double kBands[] = {0.025, 0.075, 0.125, 0.175, 0.25};

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/).
std::uint64_t add_text(std::uint64_t hash, std::string_view text) {
  for (const char letter : text) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001b3U;
  }
  return hash;
}

// The finisher of SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

std::int64_t hour_of(Timestamp now) {
  return now.ms / kMarketMinute / kMinutesPerHour;
}

double most_paid(const InstanceTypeConfig& config, double on_demand) {
  if (config.bid_price) return std::strtod(config.bid_price->c_str(), nullptr);
  return on_demand * config.bid_price_as_percentage_of_on_demand_price.value_or(100) / 100;
}

}  // namespace

double SpotMarket::chance(std::string_view what, std::string_view name, std::int64_t number) const {
  std::uint64_t hash = add_text(0xcbf29ce484222325U, what);
  hash = mix(add_text(hash, name) ^ options_.seed);
  hash = mix(hash ^ static_cast<std::uint64_t>(number));
  // The 53 bits that a double holds.
  return std::ldexp(static_cast<double>(hash >> 11), -53);
}

std::optional<double> SpotMarket::price(const InstanceType& type, Timestamp now) const {
  if (!type.usd_per_hour) return std::nullopt;
  const double discount =
      kLeastDiscount + chance("discount", type.name, 0) * (kMostDiscount - kLeastDiscount);
  const double swing = (2 * chance("swing", type.name, hour_of(now)) - 1) * kHourlySwing;
  return *type.usd_per_hour * (1 - discount) * (1 + swing);
}

bool SpotMarket::offers(const InstanceType& type, const InstanceTypeConfig& config,
                        Timestamp now) const {
  if (chance("scarcity", type.name, hour_of(now)) < options_.scarcity) return false;
  const auto asked = price(type, now);
  return !asked || *asked <= most_paid(config, *type.usd_per_hour);
}

double SpotMarket::interrupted_in_a_month(std::string_view type) const {
  const auto band = static_cast<std::size_t>(chance("band", type, 0) * std::size(kBands));
  return kBands[band];
}

bool SpotMarket::interrupts(std::string_view ec2_id, std::string_view type,
                            std::int64_t minute) const {
  const double per_hour =
      options_.interruptions_per_hour.value_or(interrupted_in_a_month(type) / kHoursPerMonth);
  return chance("interruption", ec2_id, minute) < per_hour / kMinutesPerHour;
}

}  // namespace tarn::emr
