#include "services/emr/allocation.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace tarn::emr {
namespace {

namespace spot_strategy = values::spot_provisioning_allocation_strategy;
namespace on_demand_strategy = values::on_demand_provisioning_allocation_strategy;

// Types without a known price, or without a priority, come last.
constexpr double kLast = std::numeric_limits<double>::max();

std::string_view spot_strategy_of(const InstanceFleetConfig& fleet, bool resizing) {
  if (resizing && fleet.resize_specifications) {
    const auto& spot = fleet.resize_specifications->spot_resize_specification;
    if (spot && spot->allocation_strategy) return *spot->allocation_strategy;
  }
  if (fleet.launch_specifications) {
    const auto& spot = fleet.launch_specifications->spot_specification;
    if (spot && spot->allocation_strategy) return *spot->allocation_strategy;
  }
  return spot_strategy::kLowestPrice;
}

std::string_view on_demand_strategy_of(const InstanceFleetConfig& fleet, bool resizing) {
  if (resizing && fleet.resize_specifications) {
    const auto& on_demand = fleet.resize_specifications->on_demand_resize_specification;
    if (on_demand && on_demand->allocation_strategy) return *on_demand->allocation_strategy;
  }
  if (fleet.launch_specifications && fleet.launch_specifications->on_demand_specification) {
    return fleet.launch_specifications->on_demand_specification->allocation_strategy;
  }
  return on_demand_strategy::kLowestPrice;
}

double unit_price(const Supply& supply, const InstanceTypeConfig& config, bool spot) {
  const auto type = supply.types.find(config.instance_type);
  if (!type.ok()) return kLast;
  const auto price = spot ? supply.market.price(**type, supply.now) : (*type)->usd_per_hour;
  return price ? *price / weight_of(config) : kLast;
}

// The fleet's instances of the type, which `diversified` evens out.
double count_of_type(const ClusterRecord& cluster, const std::string& fleet_id,
                     const std::string& type) {
  return static_cast<double>(
      std::count_if(cluster.members.begin(), cluster.members.end(), [&](const Member& member) {
        return member.counts() && member.collection == fleet_id && member.type == type;
      }));
}

// Smaller is taken first.
double rank_of(const Supply& supply, const ClusterRecord& cluster, const std::string& fleet_id,
               const InstanceTypeConfig& config, std::string_view strategy, bool spot) {
  const double price = unit_price(supply, config, spot);
  const double risk = supply.market.interrupted_in_a_month(config.instance_type);
  if (strategy == on_demand_strategy::kPrioritized ||
      strategy == spot_strategy::kCapacityOptimizedPrioritized) {
    return config.priority.value_or(kLast);
  }
  if (strategy == spot_strategy::kCapacityOptimized) return risk;
  // The pool's depth weighs on the price.
  if (strategy == spot_strategy::kPriceCapacityOptimized && price != kLast) {
    return price * (1 + risk);
  }
  if (strategy == spot_strategy::kDiversified) {
    return count_of_type(cluster, fleet_id, config.instance_type);
  }
  return price;
}

}  // namespace

int weight_of(const InstanceTypeConfig& config) {
  return std::max(1, config.weighted_capacity.value_or(1));
}

int weight_of(const InstanceFleetConfig& fleet, const std::string& type) {
  for (const InstanceTypeConfig& config : *fleet.instance_type_configs) {
    if (config.instance_type == type) return weight_of(config);
  }
  return 1;
}

const InstanceTypeConfig* choose_type(const Supply& supply, const ClusterRecord& cluster,
                                      const InstanceFleetConfig& fleet, const std::string& fleet_id,
                                      bool spot) {
  const bool resizing = cluster.ready.has_value();
  const std::string_view strategy =
      spot ? spot_strategy_of(fleet, resizing) : on_demand_strategy_of(fleet, resizing);
  const InstanceTypeConfig* best = nullptr;
  double best_rank = 0;
  for (const InstanceTypeConfig& config : *fleet.instance_type_configs) {
    const auto type = supply.types.find(config.instance_type);
    if (!type.ok()) continue;
    if (spot && !supply.market.offers(**type, config, supply.now)) continue;
    const double rank = rank_of(supply, cluster, fleet_id, config, strategy, spot);
    if (best != nullptr && rank >= best_rank) continue;
    best = &config;
    best_rank = rank;
  }
  return best;
}

}  // namespace tarn::emr
