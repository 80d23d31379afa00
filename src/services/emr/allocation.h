// Allocation: which instance type a fleet takes next.
//
// Place: services/emr, under instances.h. Threads: pure functions.
// Source:
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet-allocation-strategy.html
#pragma once

#include <string>

#include "platform/random.h"
#include "services/emr/cluster.h"
#include "services/emr/instance_types.h"
#include "services/emr/spot_market.h"

namespace tarn::emr {

// Where instances come from.
struct Supply {
  platform::Random& random;
  const InstanceTypes& types;
  const SpotMarket& market;
  Timestamp now;
};

// At least 1.
[[nodiscard]] int weight_of(const InstanceTypeConfig& config);
// Of a type that the fleet no longer names: 1.
[[nodiscard]] int weight_of(const InstanceFleetConfig& fleet, const std::string& type);

// The type that the fleet's allocation strategy takes next; that of a resize where the cluster has
// been ready and the fleet has one. nullptr: none of its types can be had on the Spot market.
[[nodiscard]] const InstanceTypeConfig* choose_type(const Supply& supply,
                                                    const ClusterRecord& cluster,
                                                    const InstanceFleetConfig& fleet,
                                                    const std::string& fleet_id, bool spot);

}  // namespace tarn::emr
