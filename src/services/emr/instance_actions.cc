// ListInstances, ListInstanceFleets, ListInstanceGroups.
#include <algorithm>
#include <utility>

#include "services/emr/actions.h"
#include "services/emr/allocation.h"
#include "services/emr/describe.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstances.html
constexpr std::size_t kInstancesPerPage = 2000;
constexpr std::size_t kCollectionsPerPage = 100;

// Of a group or fleet: it is there when its first instance is.
template <class Timeline>
Timeline timeline_of(const ClusterRecord& cluster, const std::string& id) {
  Timeline out;
  const auto note = cluster.collection_notes.find(id);
  out.creation_date_time =
      note == cluster.collection_notes.end() ? cluster.created : note->second.created;
  for (const Member& member : cluster.members) {
    if (member.collection != id || !member.ready) continue;
    const auto known = out.ready_date_time;
    out.ready_date_time = known ? std::min(*known, *member.ready) : *member.ready;
  }
  out.end_date_time = cluster.ended;
  return out;
}

// Instances on their way in or out, or some that have yet to be found.
bool moves(const ClusterRecord& cluster, const std::string& id) {
  const auto note = cluster.collection_notes.find(id);
  if (note != cluster.collection_notes.end() && note->second.short_since) return true;
  return std::any_of(cluster.members.begin(), cluster.members.end(), [&](const Member& member) {
    return member.collection == id && !member.over() &&
           (member.leaving || member.state != instance_state::kRunning);
  });
}

// The names of fleets' states, which groups have too.
std::string_view collection_state(const ClusterRecord& cluster, const std::string& id) {
  namespace state = values::instance_fleet_state;
  if (cluster.over()) return state::kTerminated;
  if (cluster.state == cluster_state::kTerminating) return state::kTerminating;
  if (cluster.state == cluster_state::kBootstrapping) return state::kBootstrapping;
  if (!cluster.ready) return state::kProvisioning;
  const auto note = cluster.collection_notes.find(id);
  if (note != cluster.collection_notes.end() && note->second.suspended) return state::kSuspended;
  return moves(cluster, id) ? state::kResizing : state::kRunning;
}

template <class Reason>
Reason collection_reason(const ClusterRecord& cluster, const std::string& id) {
  Reason out;
  const auto note = cluster.collection_notes.find(id);
  if (cluster.over()) {
    out.code = values::instance_fleet_state_change_reason_code::kClusterTerminated;
  } else if (note != cluster.collection_notes.end() && !note->second.message.empty()) {
    out.message = note->second.message;
  }
  return out;
}

bool wanted_instance(const Member& member, const ListInstancesInput& input) {
  const auto holds = [](const auto& list, std::string_view value) {
    return !list || list->empty() || std::find(list->begin(), list->end(), value) != list->end();
  };
  if (input.instance_group_id && member.collection != *input.instance_group_id) return false;
  if (input.instance_fleet_id && member.collection != *input.instance_fleet_id) return false;
  if (input.instance_fleet_type && member.role != *input.instance_fleet_type) return false;
  return holds(input.instance_group_types, member.role) &&
         holds(input.instance_states, member.state);
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
  status.state = member.state;
  InstanceStateChangeReason& reason = status.state_change_reason.emplace();
  if (!member.reason.code.empty()) reason.code = member.reason.code;
  if (!member.reason.message.empty()) reason.message = member.reason.message;
  InstanceTimeline& timeline = status.timeline.emplace();
  timeline.creation_date_time = member.created;
  timeline.ready_date_time = member.ready;
  timeline.end_date_time = member.ended;
  const bool fleet = member.collection.starts_with("if-");
  (fleet ? out.instance_fleet_id : out.instance_group_id) = member.collection;
  out.market = member.market;
  out.instance_type = member.type;
  return out;
}

// EC2 has them and they run, or have yet to leave.
bool is_provisioned(const Member& member) {
  return member.state == instance_state::kRunning || member.state == instance_state::kBootstrapping;
}

int count_of(const ClusterRecord& cluster, const std::string& collection) {
  return static_cast<int>(
      std::count_if(cluster.members.begin(), cluster.members.end(), [&](const Member& member) {
        return member.collection == collection && is_provisioned(member);
      }));
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
  out.running_instance_count = count_of(cluster, id);
  InstanceGroupStatus& status = out.status.emplace();
  status.state = std::string(collection_state(cluster, id));
  status.state_change_reason = collection_reason<InstanceGroupStateChangeReason>(cluster, id);
  status.timeline = timeline_of<InstanceGroupTimeline>(cluster, id);
  out.configurations = from.configurations.value_or(std::vector<Configuration>());
  out.ebs_block_devices.emplace();
  out.shrink_policy.emplace();
  return out;
}

int provisioned(const ClusterRecord& cluster, const InstanceFleetConfig& fleet,
                const std::string& id, std::string_view market) {
  int units = 0;
  for (const Member& member : cluster.members) {
    if (member.collection != id || member.market != market || !is_provisioned(member)) continue;
    units += weight_of(fleet, member.type);
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
  status.state = std::string(collection_state(cluster, id));
  status.state_change_reason = collection_reason<InstanceFleetStateChangeReason>(cluster, id);
  status.timeline = timeline_of<InstanceFleetTimeline>(cluster, id);
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
    if (wanted_instance(member, input)) {
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
