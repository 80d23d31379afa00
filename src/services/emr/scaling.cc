#include "services/emr/scaling.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "services/emr/allocation.h"

namespace tarn::emr {
namespace {

namespace unit = values::compute_limits_unit_type;
namespace role = values::instance_role_type;

bool fleets_of(const ClusterRecord& cluster) {
  const auto& fleets = cluster.request.instances.instance_fleets;
  return fleets && !fleets->empty();
}

// A group or fleet that scales: how many of the policy's units a step of its target is, and how
// many vCPU.
struct Part {
  std::size_t place = 0;
  int units = 1;
  int vcpu = 1;
};

int vcpu_of(const InstanceTypes& types, const std::string& name) {
  const auto type = types.find(name);
  return type.ok() ? std::max(1, (*type)->vcpu) : 1;
}

std::optional<Part> part_of(const InstanceTypes& types, const ClusterRecord& cluster,
                            std::string_view wanted) {
  const bool in_vcpu = cluster.managed_scaling->compute_limits->unit_type == unit::kVcpu;
  const JobFlowInstancesConfig& instances = cluster.request.instances;
  for (std::size_t i = 0; i < cluster.collections.size(); ++i) {
    if (fleets_of(cluster)) {
      const InstanceFleetConfig& fleet = (*instances.instance_fleets)[i];
      if (fleet.instance_fleet_type != wanted) continue;
      const InstanceTypeConfig& first = fleet.instance_type_configs->front();
      return Part{i, 1, std::max(1, vcpu_of(types, first.instance_type) / weight_of(first))};
    }
    const InstanceGroupConfig& group = (*instances.instance_groups)[i];
    if (group.instance_role != wanted) continue;
    const int vcpu = vcpu_of(types, group.instance_type);
    return Part{i, in_vcpu ? vcpu : 1, vcpu};
  }
  return std::nullopt;
}

// In the policy's units.
int target_of(const ClusterRecord& cluster, const Part& part) {
  const JobFlowInstancesConfig& instances = cluster.request.instances;
  if (!fleets_of(cluster)) {
    return (*instances.instance_groups)[part.place].instance_count * part.units;
  }
  const InstanceFleetConfig& fleet = (*instances.instance_fleets)[part.place];
  return fleet.target_on_demand_capacity.value_or(0) + fleet.target_spot_capacity.value_or(0);
}

// `on_demand_left`: what may still be On-Demand, of the whole cluster.
void set_target(const Part& part, int units, int& on_demand_left, ClusterRecord& cluster) {
  JobFlowInstancesConfig& instances = cluster.request.instances;
  if (!fleets_of(cluster)) {
    (*instances.instance_groups)[part.place].instance_count = (units + part.units - 1) / part.units;
    return;
  }
  InstanceFleetConfig& fleet = (*instances.instance_fleets)[part.place];
  const int on_demand = std::min(units, on_demand_left);
  on_demand_left -= on_demand;
  fleet.target_on_demand_capacity = on_demand;
  fleet.target_spot_capacity = units - on_demand;
  CollectionNote& note = cluster.collection_notes[cluster.collections[part.place]];
  note.switched = 0;
  note.suspended = false;
}

Error bad_limits(std::string text) {
  return {"ValidationException", std::move(text)};
}

}  // namespace

Status check_scaling(const ClusterRecord& cluster, const ManagedScalingPolicy& policy) {
  if (!policy.compute_limits) return bad_limits("A managed scaling policy has ComputeLimits.");
  const ComputeLimits& limits = *policy.compute_limits;
  const int least = limits.minimum_capacity_units;
  const int most = limits.maximum_capacity_units;
  if (least < 1 || most < least) {
    return bad_limits(
        fmt::format("MinimumCapacityUnits {} is at least 1, and MaximumCapacityUnits {} not less.",
                    least, most));
  }
  if ((limits.unit_type == unit::kInstanceFleetUnits) != fleets_of(cluster)) {
    return bad_limits(
        "UnitType is InstanceFleetUnits for a cluster of instance fleets, Instances or VCPU for "
        "one "
        "of instance groups.");
  }
  for (const auto& [name, value] :
       {std::pair("MaximumOnDemandCapacityUnits", limits.maximum_on_demand_capacity_units),
        std::pair("MaximumCoreCapacityUnits", limits.maximum_core_capacity_units)}) {
    if (value && (*value < 0 || *value > most)) {
      return bad_limits(
          fmt::format("{} {} is not between 0 and MaximumCapacityUnits {}.", name, *value, most));
    }
  }
  return {};
}

bool Scaler::is_due(std::chrono::nanoseconds now) {
  if (next_look_ && now < *next_look_) return false;
  next_look_ = now + kScalingPeriod;
  return true;
}

bool Scaler::follow(const InstanceTypes& types, const Demand& demand, std::chrono::nanoseconds now,
                    ClusterRecord& cluster) {
  const ComputeLimits& limits = *cluster.managed_scaling->compute_limits;
  const auto core = part_of(types, cluster, role::kCore);
  const auto task = part_of(types, cluster, role::kTask);
  if (!core) return false;
  const int before = target_of(cluster, *core) + (task ? target_of(cluster, *task) : 0);
  const int per_unit = std::max(1, core->vcpu / core->units);
  int needed = (demand.tasks + per_unit - 1) / per_unit;
  if (!demand.whole) needed = std::max(needed, before);
  const int wanted =
      std::clamp(needed, limits.minimum_capacity_units, limits.maximum_capacity_units);
  if (wanted >= before) spare_since_.reset();
  if (wanted == before) return false;
  // What is over the limit goes at once, what is only idle after a while.
  if (wanted < before && before <= limits.maximum_capacity_units) {
    if (!spare_since_) spare_since_ = now;
    if (now - *spare_since_ < kSpareTime) return false;
    spare_since_.reset();
  }
  const int most_core = limits.maximum_core_capacity_units.value_or(limits.maximum_capacity_units);
  const int in_core = std::max(core->units, std::min(wanted, task ? most_core : wanted));
  int on_demand_left =
      limits.maximum_on_demand_capacity_units.value_or(limits.maximum_capacity_units);
  set_target(*core, in_core, on_demand_left, cluster);
  if (task) set_target(*task, std::max(0, wanted - in_core), on_demand_left, cluster);
  return target_of(cluster, *core) + (task ? target_of(cluster, *task) : 0) != before;
}

}  // namespace tarn::emr
