// SpotMarket: what Spot instances cost here, whether they can be had, and when EC2 would take them
// back. A model: the same seed gives the same market.
//
// Place: services/emr, under the members and the life of a cluster. Threads: pure functions.
//
// Sources of its numbers: prices 60–75 % below On-Demand (spec/prices), interruptions in the five
// bands of the Spot Instance Advisor, from under 5 % to over 20 % of the instances in a month
// (https://aws.amazon.com/ec2/spot/instance-advisor/), notice two minutes ahead
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "platform/clock.h"
#include "services/emr/api.h"
#include "services/emr/instance_types.h"

namespace tarn::emr {

struct SpotOptions {
  std::uint64_t seed = 1;
  // The share of a type's hours in which no Spot instance of it can be had, 0 to 1.
  double scarcity = 0.002;
  // Of an instance, in an hour; unset: as often as its type's band says.
  std::optional<double> interruptions_per_hour;
  std::chrono::seconds notice{120};
};

class SpotMarket {
 public:
  explicit SpotMarket(SpotOptions options) : options_(options) {}

  // US dollars an hour, changing with the hour; nullopt: the type's On-Demand price is not known.
  [[nodiscard]] std::optional<double> price(const InstanceType& type, Timestamp now) const;
  // An instance of `type` can be had, at no more than what `config` offers for it: its BidPrice or
  // its share of the On-Demand price, else the whole of that price.
  [[nodiscard]] bool offers(const InstanceType& type, const InstanceTypeConfig& config,
                            Timestamp now) const;
  // The share of this type's instances that are interrupted in a month: the depth of its pool.
  [[nodiscard]] double interrupted_in_a_month(std::string_view type) const;
  // EC2 takes the instance in the minute that begins at `minute` since 1970.
  [[nodiscard]] bool interrupts(std::string_view ec2_id, std::string_view type,
                                std::int64_t minute) const;
  [[nodiscard]] std::chrono::seconds notice() const { return options_.notice; }

 private:
  // Even between 0 and 1, by the seed and these.
  [[nodiscard]] double chance(std::string_view what, std::string_view name,
                              std::int64_t number) const;

  SpotOptions options_;
};

}  // namespace tarn::emr
