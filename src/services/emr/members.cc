#include "services/emr/members.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace tarn::emr {
namespace {

// More than EC2 gives an account at its beginning; ListInstances tells them on one page.
constexpr int kMostInstances = 1000;
// https://docs.aws.amazon.com/emr/latest/APIReference/API_SpotProvisioningSpecification.html
constexpr int kLeastSpotTimeout = 5;
constexpr int kMostSpotTimeout = 1440;
constexpr std::string_view kMaster = values::instance_role_type::kMaster;

Error invalid(std::string text) {
  return {"ValidationException", std::move(text)};
}

struct Wanted {
  std::string collection;
  std::string role;
  std::string type;
  std::string market;
};

Status add_member(platform::Random& random, const InstanceTypes& types, Wanted wanted,
                  ClusterRecord& cluster) {
  TARN_CHECK(types.find(wanted.type));
  if (cluster.members.size() == kMostInstances) {
    return invalid(fmt::format("A cluster has at most {} instances.", kMostInstances));
  }
  Member& member = cluster.members.emplace_back();
  member.id = new_id(random, "ci");
  member.ec2_id = new_id(random, "i");
  member.collection = std::move(wanted.collection);
  member.role = std::move(wanted.role);
  member.type = std::move(wanted.type);
  member.market = std::move(wanted.market);
  return {};
}

Status add_groups(platform::Random& random, const InstanceTypes& types, ClusterRecord& cluster) {
  for (const InstanceGroupConfig& group : *cluster.request.instances.instance_groups) {
    if (group.instance_count < 1 || group.instance_count > kMostInstances) {
      return invalid(fmt::format("InstanceCount {} of an instance group is not between 1 and {}.",
                                 group.instance_count, kMostInstances));
    }
    const std::string& id = cluster.collections.emplace_back(new_id(random, "ig"));
    const std::string market = group.market.value_or(std::string(values::market_type::kOnDemand));
    for (int i = 0; i < group.instance_count; ++i) {
      const Wanted wanted{id, group.instance_role, group.instance_type, market};
      TARN_CHECK(add_member(random, types, wanted, cluster));
    }
  }
  return {};
}

int weight_of(const InstanceTypeConfig& config) {
  return std::max(1, config.weighted_capacity.value_or(1));
}

// What a unit of capacity costs; types without a price come last, in the request's order.
double price_of(const InstanceTypes& types, const InstanceTypeConfig& config) {
  const auto type = types.find(config.instance_type);
  if (!type.ok() || !(*type)->usd_per_hour) return std::numeric_limits<double>::max();
  return *(*type)->usd_per_hour / weight_of(config);
}

// The type that the allocation strategy takes first. Strategies that heed EC2's spare capacity find
// all of it here, and so come down to the price.
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet-allocation-strategy.html
const InstanceTypeConfig& choose_type(const InstanceTypes& types, const InstanceFleetConfig& fleet,
                                      bool spot) {
  bool prioritized = false;
  if (fleet.launch_specifications) {
    const auto& launch = *fleet.launch_specifications;
    prioritized =
        spot ? launch.spot_specification && launch.spot_specification->allocation_strategy ==
                                                "capacity-optimized-prioritized"
             : launch.on_demand_specification &&
                   launch.on_demand_specification->allocation_strategy == "prioritized";
  }
  const auto rank = [&](const InstanceTypeConfig& config) {
    return prioritized ? config.priority.value_or(std::numeric_limits<double>::max())
                       : price_of(types, config);
  };
  const auto& configs = *fleet.instance_type_configs;
  return *std::min_element(configs.begin(), configs.end(),
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

Status add_fleet_share(platform::Random& random, const InstanceTypes& types,
                       const InstanceFleetConfig& fleet, bool spot, const std::string& id,
                       ClusterRecord& cluster) {
  int left =
      spot ? fleet.target_spot_capacity.value_or(0) : fleet.target_on_demand_capacity.value_or(0);
  if (left == 0) return {};
  const InstanceTypeConfig& config = choose_type(types, fleet, spot);
  const std::string market(spot ? values::market_type::kSpot : values::market_type::kOnDemand);
  for (; left > 0; left -= weight_of(config)) {
    const Wanted wanted{id, fleet.instance_fleet_type, config.instance_type, market};
    TARN_CHECK(add_member(random, types, wanted, cluster));
  }
  return {};
}

Status check_launch(const InstanceFleetConfig& fleet) {
  if (!fleet.launch_specifications || !fleet.launch_specifications->spot_specification) return {};
  const int minutes = fleet.launch_specifications->spot_specification->timeout_duration_minutes;
  if (minutes >= kLeastSpotTimeout && minutes <= kMostSpotTimeout) return {};
  return invalid(
      fmt::format("TimeoutDurationMinutes {} of a Spot specification is not between {} "
                  "and {}.",
                  minutes, kLeastSpotTimeout, kMostSpotTimeout));
}

Status add_fleets(platform::Random& random, const InstanceTypes& types, ClusterRecord& cluster) {
  for (const InstanceFleetConfig& fleet : *cluster.request.instances.instance_fleets) {
    if (!fleet.instance_type_configs || fleet.instance_type_configs->empty()) {
      return invalid(fmt::format("The {} instance fleet has no InstanceTypeConfigs.",
                                 fleet.instance_fleet_type));
    }
    TARN_CHECK(check_launch(fleet));
    for (const auto& config : *fleet.instance_type_configs) {
      TARN_CHECK(types.find(config.instance_type));
    }
    if (fleet.target_on_demand_capacity.value_or(0) + fleet.target_spot_capacity.value_or(0) < 1) {
      return invalid(
          fmt::format("The {} instance fleet has no target capacity.", fleet.instance_fleet_type));
    }
    const std::string id = cluster.collections.emplace_back(new_id(random, "if"));
    TARN_CHECK(add_fleet_share(random, types, fleet, false, id, cluster));
    TARN_CHECK(add_fleet_share(random, types, fleet, true, id, cluster));
  }
  return {};
}

Status check_primary(const ClusterRecord& cluster) {
  const auto primaries = std::count_if(cluster.members.begin(), cluster.members.end(),
                                       [](const Member& member) { return member.role == kMaster; });
  if (primaries == 1) return {};
  if (primaries == 3) {
    return Error("NotImplemented",
                 "Clusters with three primary nodes are not implemented by tarn: ask for one.");
  }
  return invalid(
      fmt::format("A cluster has exactly one primary node (MASTER), not {}.", primaries));
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

Status add_members(platform::Random& random, const InstanceTypes& types, ClusterRecord& cluster) {
  const bool fleets = cluster.request.instances.instance_fleets &&
                      !cluster.request.instances.instance_fleets->empty();
  TARN_CHECK(fleets ? add_fleets(random, types, cluster) : add_groups(random, types, cluster));
  TARN_CHECK(check_primary(cluster));
  // The primary node computes only where it is alone.
  for (const Member& member : cluster.members) {
    if (member.role == kMaster && cluster.members.size() > 1) continue;
    TARN_TRY(const InstanceType* const type, types.find(member.type));
    cluster.asked.vcpu += type->vcpu;
    cluster.asked.memory_mib += type->memory_mib;
  }
  return {};
}

}  // namespace tarn::emr
