#include "services/emr/members.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_SpotProvisioningSpecification.html
constexpr int kLeastSpotTimeout = 5;
constexpr int kMostSpotTimeout = 1440;
// Instances that are over are told as long as there are not too many of them.
constexpr std::size_t kMostOver = 1000;
constexpr std::string_view kMaster = values::instance_role_type::kMaster;
constexpr std::string_view kOnDemand = values::market_type::kOnDemand;
constexpr std::string_view kSpotMarket = values::market_type::kSpot;

Error invalid(std::string text) {
  return {"ValidationException", std::move(text)};
}

std::string_view market_of(const InstanceGroupConfig& group) {
  return group.market ? std::string_view(*group.market) : kOnDemand;
}

bool has_fleets(const ClusterRecord& cluster) {
  const auto& fleets = cluster.request.instances.instance_fleets;
  return fleets && !fleets->empty();
}

Status check_timeout(int minutes, std::string_view where) {
  if (minutes >= kLeastSpotTimeout && minutes <= kMostSpotTimeout) return {};
  return invalid(fmt::format("TimeoutDurationMinutes {} of a {} is not between {} and {}.", minutes,
                             where, kLeastSpotTimeout, kMostSpotTimeout));
}

Status check_timeouts(const InstanceFleetConfig& fleet) {
  if (fleet.launch_specifications && fleet.launch_specifications->spot_specification) {
    TARN_CHECK(
        check_timeout(fleet.launch_specifications->spot_specification->timeout_duration_minutes,
                      "Spot specification"));
  }
  if (!fleet.resize_specifications) return {};
  const auto& spot = fleet.resize_specifications->spot_resize_specification;
  if (spot && spot->timeout_duration_minutes) {
    TARN_CHECK(check_timeout(*spot->timeout_duration_minutes, "Spot resize specification"));
  }
  return {};
}

Status check_primary(const ClusterRecord& cluster) {
  int primaries = 0;
  const JobFlowInstancesConfig& instances = cluster.request.instances;
  for (const auto& group : instances.instance_groups.value_or(std::vector<InstanceGroupConfig>())) {
    if (group.instance_role == kMaster) primaries += group.instance_count;
  }
  for (const auto& fleet : instances.instance_fleets.value_or(std::vector<InstanceFleetConfig>())) {
    if (fleet.instance_fleet_type != kMaster) continue;
    primaries +=
        fleet.target_on_demand_capacity.value_or(0) + fleet.target_spot_capacity.value_or(0);
  }
  if (primaries == 1) return {};
  if (primaries == 3) {
    return Error("NotImplemented",
                 "Clusters with three primary nodes are not implemented by tarn: ask for one.");
  }
  return invalid(
      fmt::format("A cluster has exactly one primary node (MASTER), not {}.", primaries));
}

// The smallest number of instances that comes to `units`.
int instances_for(const InstanceFleetConfig& fleet, int units) {
  int heaviest = 1;
  for (const auto& config : *fleet.instance_type_configs) {
    heaviest = std::max(heaviest, weight_of(config));
  }
  return (units + heaviest - 1) / heaviest;
}

// What a part of a group or fleet is to come to.
struct Target {
  std::size_t collection = 0;
  std::string role;
  std::string_view market;
  int units = 0;
};

std::vector<Target> targets_of(const ClusterRecord& cluster) {
  std::vector<Target> out;
  const JobFlowInstancesConfig& instances = cluster.request.instances;
  for (std::size_t i = 0; i < cluster.collections.size(); ++i) {
    if (!has_fleets(cluster)) {
      const InstanceGroupConfig& group = (*instances.instance_groups)[i];
      out.push_back({i, group.instance_role, market_of(group), group.instance_count});
      continue;
    }
    const InstanceFleetConfig& fleet = (*instances.instance_fleets)[i];
    const auto note = cluster.collection_notes.find(cluster.collections[i]);
    const int switched = note == cluster.collection_notes.end() ? 0 : note->second.switched;
    const int on_demand = fleet.target_on_demand_capacity.value_or(0);
    const int spot = fleet.target_spot_capacity.value_or(0);
    out.push_back({i, fleet.instance_fleet_type, kOnDemand, on_demand + switched});
    out.push_back({i, fleet.instance_fleet_type, kSpotMarket, std::max(0, spot - switched)});
  }
  return out;
}

int weight_in(const ClusterRecord& cluster, std::size_t collection, const std::string& type) {
  if (!has_fleets(cluster)) return 1;
  return weight_of((*cluster.request.instances.instance_fleets)[collection], type);
}

InstanceTypeConfig config_of(const InstanceGroupConfig& group) {
  InstanceTypeConfig out;
  out.instance_type = group.instance_type;
  out.bid_price = group.bid_price;
  return out;
}

// The type to take next; nullopt: Spot has none.
std::optional<std::string> next_type(const Supply& supply, const ClusterRecord& cluster,
                                     const Target& target) {
  const bool spot = target.market == kSpotMarket;
  if (has_fleets(cluster)) {
    const auto& fleet = (*cluster.request.instances.instance_fleets)[target.collection];
    const InstanceTypeConfig* const chosen =
        choose_type(supply, cluster, fleet, cluster.collections[target.collection], spot);
    return chosen == nullptr ? std::nullopt : std::optional(chosen->instance_type);
  }
  const auto& group = (*cluster.request.instances.instance_groups)[target.collection];
  const auto type = supply.types.find(group.instance_type);
  if (spot && type.ok() && !supply.market.offers(**type, config_of(group), supply.now)) {
    return std::nullopt;
  }
  return group.instance_type;
}

void add_member(const Supply& supply, const Target& target, std::string type,
                ClusterRecord& cluster) {
  Member& member = cluster.members.emplace_back();
  member.id = new_id(supply.random, "ci");
  member.ec2_id = new_id(supply.random, "i");
  member.collection = cluster.collections[target.collection];
  member.role = target.role;
  member.type = std::move(type);
  member.market = target.market;
  member.created = supply.now;
}

// How long Spot may be waited for, in minutes; nullopt: as long as it takes.
std::optional<int> spot_patience(const ClusterRecord& cluster, const InstanceFleetConfig& fleet) {
  if (cluster.ready) {
    if (!fleet.resize_specifications) return std::nullopt;
    const auto& spot = fleet.resize_specifications->spot_resize_specification;
    return spot ? spot->timeout_duration_minutes : std::optional<int>();
  }
  if (!fleet.launch_specifications) return std::nullopt;
  const auto& spot = fleet.launch_specifications->spot_specification;
  return spot ? std::optional<int>(spot->timeout_duration_minutes) : std::nullopt;
}

// Spot offers nothing for the `missing` units of the target.
void wait_for_spot(const Supply& supply, const Target& target, int missing, ClusterRecord& cluster,
                   Moves& moves) {
  const std::string& id = cluster.collections[target.collection];
  CollectionNote& note = cluster.collection_notes[id];
  if (!note.short_since) {
    note.short_since = supply.now;
    note.message =
        fmt::format("Waiting for Spot capacity of {} units at the price offered.", missing);
    moves.any = true;
  }
  if (!has_fleets(cluster)) return;
  const auto& fleet = (*cluster.request.instances.instance_fleets)[target.collection];
  const auto patience = spot_patience(cluster, fleet);
  if (!patience || supply.now < *note.short_since + std::chrono::minutes(*patience)) return;
  moves.any = true;
  note.short_since.reset();
  note.message = fmt::format("Spot capacity of {} units could not be had within {} minutes.",
                             missing, *patience);
  if (cluster.ready) {
    note.suspended = true;
  } else if (fleet.launch_specifications->spot_specification->timeout_action ==
             values::spot_provisioning_timeout_action::kTerminateCluster) {
    moves.give_up = fmt::format("Instance fleet {}: {}", id, note.message);
  } else {
    note.switched += missing;
    note.message += " On-Demand instances fill them.";
  }
}

void grow(const Supply& supply, const Target& target, ClusterRecord& cluster, Moves& moves) {
  CollectionNote& note = cluster.collection_notes[cluster.collections[target.collection]];
  if (note.suspended) return;
  int missing = target.units - units_of(cluster, target.collection, target.market);
  while (missing > 0) {
    std::optional<std::string> type = next_type(supply, cluster, target);
    if (!type) {
      wait_for_spot(supply, target, missing, cluster, moves);
      return;
    }
    missing -= weight_in(cluster, target.collection, *type);
    add_member(supply, target, *std::move(type), cluster);
    moves.any = true;
  }
  if (target.market == kSpotMarket && note.short_since) {
    note.short_since.reset();
    note.message.clear();
    moves.any = true;
  }
}

// The newest go first, as none of them has done as much as the older.
void shrink(const Target& target, ClusterRecord& cluster, Moves& moves) {
  const std::string& id = cluster.collections[target.collection];
  int surplus = units_of(cluster, target.collection, target.market) - target.units;
  for (auto it = cluster.members.rbegin(); it != cluster.members.rend() && surplus > 0; ++it) {
    if (!it->counts() || it->collection != id || it->market != target.market) continue;
    const int weight = weight_in(cluster, target.collection, it->type);
    if (weight > surplus) continue;
    it->leaving = true;
    it->reason.message = "The instance was removed by a resize of its group or fleet.";
    surplus -= weight;
    moves.any = true;
  }
}

void forget_the_oldest(ClusterRecord& cluster) {
  auto over = static_cast<std::size_t>(std::count_if(cluster.members.begin(), cluster.members.end(),
                                                     [](const Member& m) { return m.over(); }));
  std::erase_if(cluster.members, [&](const Member& member) {
    if (!member.over() || over <= kMostOver) return false;
    --over;
    return true;
  });
}

}  // namespace

std::string new_id(platform::Random& random, std::string_view kind) {
  constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (kind == "i") return "i-" + random.text(17, "0123456789abcdef");
  return std::string(kind) + "-" + random.text(13, kLetters);
}

Status write_out_groups(JobFlowInstancesConfig& instances) {
  const bool groups = instances.instance_groups && !instances.instance_groups->empty();
  const bool fleets = instances.instance_fleets && !instances.instance_fleets->empty();
  const bool types =
      instances.master_instance_type || instances.slave_instance_type || instances.instance_count;
  if (static_cast<int>(groups) + static_cast<int>(fleets) + static_cast<int>(types) != 1) {
    return invalid(
        "Give exactly one of InstanceGroups, InstanceFleets, and InstanceCount with "
        "MasterInstanceType and SlaveInstanceType.");
  }
  if (!types) return {};
  const int count = instances.instance_count.value_or(1);
  if (!instances.master_instance_type || count < 1) {
    return invalid("InstanceCount is at least 1, and MasterInstanceType says of which type.");
  }
  InstanceGroupConfig primary;
  primary.instance_role = kMaster;
  primary.instance_type = *instances.master_instance_type;
  primary.instance_count = 1;
  instances.instance_groups.emplace().push_back(primary);
  if (count == 1) return {};
  InstanceGroupConfig core;
  core.instance_role = values::instance_role_type::kCore;
  core.instance_type = instances.slave_instance_type.value_or(*instances.master_instance_type);
  core.instance_count = count - 1;
  instances.instance_groups->push_back(core);
  return {};
}

Status check_group(const InstanceTypes& types, const InstanceGroupConfig& group) {
  if (group.instance_count < 1 || group.instance_count > kMostInstances) {
    return invalid(fmt::format("InstanceCount {} of an instance group is not between 1 and {}.",
                               group.instance_count, kMostInstances));
  }
  const auto type = types.find(group.instance_type);
  return type.ok() ? Status() : Status(type.error());
}

Status check_fleet(const InstanceTypes& types, const InstanceFleetConfig& fleet) {
  if (!fleet.instance_type_configs || fleet.instance_type_configs->empty()) {
    return invalid(fmt::format("The {} instance fleet has no InstanceTypeConfigs.",
                               fleet.instance_fleet_type));
  }
  TARN_CHECK(check_timeouts(fleet));
  for (const auto& config : *fleet.instance_type_configs) {
    TARN_CHECK(types.find(config.instance_type));
  }
  if (fleet.target_on_demand_capacity.value_or(0) + fleet.target_spot_capacity.value_or(0) < 1) {
    return invalid(
        fmt::format("The {} instance fleet has no target capacity.", fleet.instance_fleet_type));
  }
  return {};
}

Status check_size(const ClusterRecord& cluster) {
  std::int64_t instances = 0;
  for (const Target& target : targets_of(cluster)) {
    instances +=
        has_fleets(cluster)
            ? instances_for((*cluster.request.instances.instance_fleets)[target.collection],
                            target.units)
            : target.units;
  }
  if (instances <= kMostInstances) return {};
  return invalid(fmt::format("A cluster has at most {} instances.", kMostInstances));
}

std::string add_collection(const Supply& supply, std::string_view kind, ClusterRecord& cluster) {
  const std::string id = cluster.collections.emplace_back(new_id(supply.random, kind));
  cluster.collection_notes[id].created = supply.now;
  return id;
}

Status add_members(const Supply& supply, ClusterRecord& cluster) {
  const JobFlowInstancesConfig& instances = cluster.request.instances;
  for (const auto& group : instances.instance_groups.value_or(std::vector<InstanceGroupConfig>())) {
    TARN_CHECK(check_group(supply.types, group));
    add_collection(supply, "ig", cluster);
  }
  for (const auto& fleet : instances.instance_fleets.value_or(std::vector<InstanceFleetConfig>())) {
    TARN_CHECK(check_fleet(supply.types, fleet));
    add_collection(supply, "if", cluster);
  }
  TARN_CHECK(check_primary(cluster));
  TARN_CHECK(check_size(cluster));
  follow_targets(supply, cluster);
  return {};
}

Moves follow_targets(const Supply& supply, ClusterRecord& cluster) {
  Moves moves;
  const std::vector<Target> targets = targets_of(cluster);
  for (const Target& target : targets) {
    grow(supply, target, cluster, moves);
    shrink(target, cluster, moves);
  }
  if (moves.any) forget_the_oldest(cluster);
  return moves;
}

int units_of(const ClusterRecord& cluster, std::size_t collection, std::string_view market) {
  int units = 0;
  for (const Member& member : cluster.members) {
    if (!member.counts() || member.collection != cluster.collections[collection]) continue;
    if (member.market == market) units += weight_in(cluster, collection, member.type);
  }
  return units;
}

bool primary_computes(const ClusterRecord& cluster) {
  const std::vector<Target> targets = targets_of(cluster);
  return std::none_of(targets.begin(), targets.end(), [](const Target& target) {
    return target.role != kMaster && target.units > 0;
  });
}

Capacity tally(const InstanceTypes& types, const ClusterRecord& cluster) {
  Capacity out;
  const bool with_primary = primary_computes(cluster);
  for (const Member& member : cluster.members) {
    if (!member.counts() || (member.role == kMaster && !with_primary)) continue;
    const auto type = types.find(member.type);
    if (!type.ok()) continue;
    out.vcpu += (*type)->vcpu;
    out.memory_mib += (*type)->memory_mib;
  }
  return out;
}

}  // namespace tarn::emr
