// ListInstances, ListInstanceFleets, ListInstanceGroups.
#include <algorithm>
#include <utility>

#include "services/emr/actions.h"
#include "services/emr/describe.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstances.html
constexpr std::size_t kInstancesPerPage = 2000;
constexpr std::size_t kCollectionsPerPage = 100;

template <class Timeline>
Timeline timeline_of(const ClusterRecord& cluster) {
  Timeline out;
  out.creation_date_time = cluster.created;
  out.ready_date_time = cluster.ready;
  out.end_date_time = cluster.ended;
  return out;
}

bool wanted_instance(const ClusterRecord& cluster, const Member& member,
                     const ListInstancesInput& input) {
  const auto holds = [](const auto& list, std::string_view value) {
    return !list || list->empty() || std::find(list->begin(), list->end(), value) != list->end();
  };
  if (input.instance_group_id && member.collection != *input.instance_group_id) return false;
  if (input.instance_fleet_id && member.collection != *input.instance_fleet_id) return false;
  if (input.instance_fleet_type && member.role != *input.instance_fleet_type) return false;
  return holds(input.instance_group_types, member.role) &&
         holds(input.instance_states, instance_state(cluster));
}

Instance describe(const ClusterRecord& cluster, const Member& member) {
  Instance out;
  out.id = member.id;
  out.ec2_instance_id = member.ec2_id;
  // Every node is the one machine, at the cluster's address.
  out.public_dns_name = cluster.address;
  out.public_ip_address = cluster.address;
  out.private_dns_name = cluster.address;
  out.private_ip_address = cluster.address;
  InstanceStatus& status = out.status.emplace();
  status.state = std::string(instance_state(cluster));
  InstanceStateChangeReason& reason = status.state_change_reason.emplace();
  if (cluster.over()) {
    reason.code = values::instance_state_change_reason_code::kClusterTerminated;
    reason.message = "Instance was terminated with its cluster.";
  }
  status.timeline = timeline_of<InstanceTimeline>(cluster);
  const bool fleet = member.collection.starts_with("if-");
  (fleet ? out.instance_fleet_id : out.instance_group_id) = member.collection;
  out.market = member.market;
  out.instance_type = member.type;
  return out;
}

int count_of(const ClusterRecord& cluster, const std::string& collection) {
  return static_cast<int>(
      std::count_if(cluster.members.begin(), cluster.members.end(),
                    [&](const Member& member) { return member.collection == collection; }));
}

bool has_instances(const ClusterRecord& cluster) {
  return instance_state(cluster) == values::instance_state::kRunning;
}

InstanceGroup describe(const ClusterRecord& cluster, const InstanceGroupConfig& from,
                       const std::string& id) {
  InstanceGroup out;
  out.id = id;
  out.name = from.name;
  out.market = from.market.value_or(std::string(values::market_type::kOnDemand));
  out.instance_group_type = from.instance_role;
  out.bid_price = from.bid_price;
  out.instance_type = from.instance_type;
  out.requested_instance_count = from.instance_count;
  out.running_instance_count = has_instances(cluster) ? count_of(cluster, id) : 0;
  InstanceGroupStatus& status = out.status.emplace();
  status.state = std::string(collection_state(cluster));
  status.state_change_reason.emplace();
  status.timeline = timeline_of<InstanceGroupTimeline>(cluster);
  out.configurations = from.configurations.value_or(std::vector<Configuration>());
  out.ebs_block_devices.emplace();
  out.shrink_policy.emplace();
  return out;
}

int weight_of(const InstanceFleetConfig& fleet, const std::string& type) {
  for (const auto& config : *fleet.instance_type_configs) {
    if (config.instance_type == type) return std::max(1, config.weighted_capacity.value_or(1));
  }
  return 1;
}

int provisioned(const ClusterRecord& cluster, const InstanceFleetConfig& fleet,
                const std::string& id, std::string_view market) {
  if (!has_instances(cluster)) return 0;
  int units = 0;
  for (const Member& member : cluster.members) {
    if (member.collection == id && member.market == market) units += weight_of(fleet, member.type);
  }
  return units;
}

std::vector<InstanceTypeSpecification> specifications_of(const InstanceFleetConfig& fleet) {
  std::vector<InstanceTypeSpecification> out;
  for (const InstanceTypeConfig& config : *fleet.instance_type_configs) {
    InstanceTypeSpecification& each = out.emplace_back();
    each.instance_type = config.instance_type;
    each.weighted_capacity = config.weighted_capacity.value_or(1);
    each.bid_price = config.bid_price;
    each.bid_price_as_percentage_of_on_demand_price =
        config.bid_price_as_percentage_of_on_demand_price;
    each.configurations = config.configurations.value_or(std::vector<Configuration>());
    each.ebs_block_devices.emplace();
    each.priority = config.priority;
  }
  return out;
}

InstanceFleet describe(const ClusterRecord& cluster, const InstanceFleetConfig& from,
                       const std::string& id) {
  InstanceFleet out;
  out.id = id;
  out.name = from.name;
  InstanceFleetStatus& status = out.status.emplace();
  status.state = std::string(collection_state(cluster));
  status.state_change_reason.emplace();
  status.timeline = timeline_of<InstanceFleetTimeline>(cluster);
  out.instance_fleet_type = from.instance_fleet_type;
  out.target_on_demand_capacity = from.target_on_demand_capacity.value_or(0);
  out.target_spot_capacity = from.target_spot_capacity.value_or(0);
  out.provisioned_on_demand_capacity =
      provisioned(cluster, from, id, values::market_type::kOnDemand);
  out.provisioned_spot_capacity = provisioned(cluster, from, id, values::market_type::kSpot);
  out.instance_type_specifications = specifications_of(from);
  out.launch_specifications = from.launch_specifications;
  out.resize_specifications = from.resize_specifications;
  out.context = from.context;
  return out;
}

}  // namespace

Task<Result<ListInstancesOutput>> handle(ListInstances /*tag*/, EmrService& emr,
                                         const Caller& caller, ListInstancesInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  std::vector<Instance> wanted;
  for (const Member& member : life->cluster().members) {
    if (wanted_instance(life->cluster(), member, input)) {
      wanted.push_back(describe(life->cluster(), member));
    }
  }
  ListInstancesOutput out;
  TARN_CO_TRY(out.instances, take_page(wanted, input.marker, kInstancesPerPage, out.marker));
  co_return out;
}

Task<Result<ListInstanceFleetsOutput>> handle(ListInstanceFleets /*tag*/, EmrService& emr,
                                              const Caller& caller, ListInstanceFleetsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  const ClusterRecord& cluster = life->cluster();
  const auto& fleets = cluster.request.instances.instance_fleets;
  if (!fleets) {
    co_return Error(
        "InvalidRequestException",
        "Instance fleets and instance groups are mutually exclusive. The EMR cluster "
        "specified in the request uses instance groups. The ListInstanceFleets request "
        "does not support clusters that use instance groups. Use the ListInstanceGroups "
        "request instead.");
  }
  std::vector<InstanceFleet> all;
  all.reserve(fleets->size());
  for (std::size_t i = 0; i < fleets->size(); ++i) {
    all.push_back(describe(cluster, (*fleets)[i], cluster.collections[i]));
  }
  ListInstanceFleetsOutput out;
  TARN_CO_TRY(out.instance_fleets, take_page(all, input.marker, kCollectionsPerPage, out.marker));
  co_return out;
}

Task<Result<ListInstanceGroupsOutput>> handle(ListInstanceGroups /*tag*/, EmrService& emr,
                                              const Caller& caller, ListInstanceGroupsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  const ClusterRecord& cluster = life->cluster();
  const auto& groups = cluster.request.instances.instance_groups;
  if (!groups) {
    co_return Error(
        "InvalidRequestException",
        "Instance fleets and instance groups are mutually exclusive. The EMR cluster "
        "specified in the request uses instance fleets. The ListInstanceGroups request "
        "does not support clusters that use instance fleets. Use the ListInstanceFleets "
        "request instead.");
  }
  std::vector<InstanceGroup> all;
  all.reserve(groups->size());
  for (std::size_t i = 0; i < groups->size(); ++i) {
    all.push_back(describe(cluster, (*groups)[i], cluster.collections[i]));
  }
  ListInstanceGroupsOutput out;
  TARN_CO_TRY(out.instance_groups, take_page(all, input.marker, kCollectionsPerPage, out.marker));
  co_return out;
}

}  // namespace tarn::emr
