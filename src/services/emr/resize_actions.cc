// AddInstanceFleet, ModifyInstanceFleet, AddInstanceGroups, ModifyInstanceGroups.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/members.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-uniform-instance-group.html: a
// primary, a core and 48 task groups.
constexpr std::size_t kMostGroups = 50;
constexpr std::string_view kTaskRole = values::instance_role_type::kTask;
constexpr std::string_view kCoreRole = values::instance_role_type::kCore;
constexpr std::string_view kMasterRole = values::instance_role_type::kMaster;

Error bad_resize(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

// As a request's own error, which this family of actions words so.
Status as_invalid_request(const Status& status) {
  if (status.ok() || !status.error().is("ValidationException")) return status;
  return bad_resize(status.error().message);
}

Supply supply_of(EmrService& emr) {
  return {emr.platform().random, emr.types(), emr.market(), emr.platform().clock.now()};
}

Result<std::size_t> place_of_collection(const ClusterRecord& cluster, std::string_view id) {
  const auto found = std::find(cluster.collections.begin(), cluster.collections.end(), id);
  if (found == cluster.collections.end()) {
    return bad_resize(
        fmt::format("Cluster '{}' has no instance group or fleet '{}'.", cluster.id, id));
  }
  return static_cast<std::size_t>(found - cluster.collections.begin());
}

// A modified group or fleet is filled again, also where an earlier resize was given up.
void begin_resize(ClusterRecord& cluster, const std::string& id) {
  CollectionNote& note = cluster.collection_notes[id];
  note.suspended = false;
  note.switched = 0;
  note.short_since.reset();
  note.message.clear();
}

Status need_fleets(const ClusterRecord& cluster) {
  const auto& fleets = cluster.request.instances.instance_fleets;
  if (fleets && !fleets->empty()) return {};
  return bad_resize("The cluster uses instance groups; use the actions of instance groups.");
}

Status need_groups(const ClusterRecord& cluster) {
  const auto& groups = cluster.request.instances.instance_groups;
  if (groups && !groups->empty()) return {};
  return bad_resize("The cluster uses instance fleets; use the actions of instance fleets.");
}

Status check_added_fleet(EmrService& emr, const ClusterRecord& cluster,
                         const InstanceFleetConfig& added) {
  TARN_CHECK(need_fleets(cluster));
  if (added.instance_fleet_type != kTaskRole) {
    return bad_resize("Only a TASK instance fleet can be added to a cluster.");
  }
  const auto& fleets = *cluster.request.instances.instance_fleets;
  const bool has_one = std::any_of(fleets.begin(), fleets.end(), [](const auto& fleet) {
    return fleet.instance_fleet_type == kTaskRole;
  });
  if (has_one) return bad_resize("The cluster has a TASK instance fleet already; modify that one.");
  return as_invalid_request(check_fleet(emr.types(), added));
}

// The fleet as it is to be.
Result<InstanceFleetConfig> modified(EmrService& emr, const InstanceFleetConfig& fleet,
                                     const InstanceFleetModifyConfig& change) {
  if (fleet.instance_fleet_type == kMasterRole) {
    return bad_resize("The MASTER instance fleet cannot be modified.");
  }
  InstanceFleetConfig out = fleet;
  if (change.target_on_demand_capacity) {
    out.target_on_demand_capacity = change.target_on_demand_capacity;
  }
  if (change.target_spot_capacity) out.target_spot_capacity = change.target_spot_capacity;
  if (change.resize_specifications) out.resize_specifications = change.resize_specifications;
  if (change.context) out.context = change.context;
  if (change.instance_type_configs && !change.instance_type_configs->empty()) {
    out.instance_type_configs = change.instance_type_configs;
  }
  const int units =
      out.target_on_demand_capacity.value_or(0) + out.target_spot_capacity.value_or(0);
  // A task fleet may have nothing; its types and time-outs are checked as if it had.
  InstanceFleetConfig checked = out;
  if (units == 0 && fleet.instance_fleet_type == kTaskRole) checked.target_on_demand_capacity = 1;
  TARN_CHECK(as_invalid_request(check_fleet(emr.types(), checked)));
  return out;
}

Status add_group(EmrService& emr, const InstanceGroupConfig& added, ClusterRecord& cluster) {
  if (added.instance_role != kTaskRole) {
    return Error("ValidationException", "Only TASK instance groups can be added to a cluster.");
  }
  TARN_CHECK(refuse(added.auto_scaling_policy.has_value(), "AutoScalingPolicy"));
  TARN_CHECK(refuse(added.custom_ami_id.has_value(), "CustomAmiId"));
  TARN_CHECK(check_group(emr.types(), added));
  cluster.request.instances.instance_groups->push_back(added);
  if (cluster.request.instances.instance_groups->size() > kMostGroups) {
    return Error("ValidationException",
                 fmt::format("A cluster has at most {} instance groups.", kMostGroups));
  }
  add_collection(supply_of(emr), "ig", cluster);
  return check_size(cluster);
}

// Those instances go, and the group keeps so many fewer.
Status take_out(const std::vector<std::string>& ec2_ids, const std::string& group_id,
                InstanceGroupConfig& group, ClusterRecord& cluster) {
  for (const std::string& ec2_id : ec2_ids) {
    const auto member =
        std::find_if(cluster.members.begin(), cluster.members.end(), [&](const Member& each) {
          return each.ec2_id == ec2_id && each.collection == group_id && each.counts();
        });
    if (member == cluster.members.end()) {
      return bad_resize(fmt::format("Instance group {} has no instance {}.", group_id, ec2_id));
    }
    member->leaving = true;
    member->reason.message = "The instance was removed by a request.";
    --group.instance_count;
  }
  return {};
}

Status modify_group(const InstanceGroupModifyConfig& change, ClusterRecord& cluster) {
  TARN_CHECK(need_groups(cluster));
  TARN_TRY(const std::size_t place, place_of_collection(cluster, change.instance_group_id));
  TARN_CHECK(refuse(change.shrink_policy.has_value(), "ShrinkPolicy"));
  TARN_CHECK(refuse(change.configurations && !change.configurations->empty(), "Configurations"));
  InstanceGroupConfig& group = (*cluster.request.instances.instance_groups)[place];
  if (group.instance_role == kMasterRole) {
    return bad_resize("The MASTER instance group cannot be modified.");
  }
  if (change.instance_count) group.instance_count = *change.instance_count;
  if (change.ec2_instance_ids_to_terminate) {
    TARN_CHECK(
        take_out(*change.ec2_instance_ids_to_terminate, change.instance_group_id, group, cluster));
  }
  const int least = group.instance_role == kCoreRole ? 1 : 0;
  if (group.instance_count < least || group.instance_count > kMostInstances) {
    return bad_resize(
        fmt::format("InstanceCount {} of a {} instance group is not between {} and {}.",
                    group.instance_count, group.instance_role, least, kMostInstances));
  }
  begin_resize(cluster, change.instance_group_id);
  return check_size(cluster);
}

// The cluster that a request names, or else the one that has its first group.
Result<Clusters::Entry> find_by_group(EmrService& emr, const Caller& caller,
                                      const ModifyInstanceGroupsInput& input) {
  if (input.cluster_id) return find_living(emr, caller, *input.cluster_id);
  const auto& groups = input.instance_groups;
  const std::string id = groups && !groups->empty() ? groups->front().instance_group_id : "";
  for (const Clusters::Entry& life : emr.clusters().list(caller)) {
    if (life->cluster().living() && place_of_collection(life->cluster(), id).ok()) return life;
  }
  return bad_resize(fmt::format("Instance group id '{}' is not valid.", id));
}

}  // namespace

Task<Result<AddInstanceFleetOutput>> handle(AddInstanceFleet /*tag*/, EmrService& emr,
                                            const Caller& caller, AddInstanceFleetInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  TARN_CO_CHECK(check_added_fleet(emr, life->cluster(), input.instance_fleet));
  ClusterRecord changed = life->cluster();
  changed.request.instances.instance_fleets->push_back(std::move(input.instance_fleet));
  AddInstanceFleetOutput out;
  out.instance_fleet_id = add_collection(supply_of(emr), "if", changed);
  TARN_CO_CHECK(as_invalid_request(check_size(changed)));
  out.cluster_id = changed.id;
  out.cluster_arn = changed.arn();
  life->cluster() = std::move(changed);
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return out;
}

Task<Result<wire::Unit>> handle(ModifyInstanceFleet /*tag*/, EmrService& emr, const Caller& caller,
                                ModifyInstanceFleetInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  ClusterRecord changed = life->cluster();
  TARN_CO_CHECK(need_fleets(changed));
  const std::string& id = input.instance_fleet.instance_fleet_id;
  TARN_CO_TRY(const std::size_t place, place_of_collection(changed, id));
  InstanceFleetConfig& fleet = (*changed.request.instances.instance_fleets)[place];
  TARN_CO_TRY(fleet, modified(emr, fleet, input.instance_fleet));
  begin_resize(changed, id);
  TARN_CO_CHECK(as_invalid_request(check_size(changed)));
  life->cluster() = std::move(changed);
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return wire::Unit();
}

Task<Result<AddInstanceGroupsOutput>> handle(AddInstanceGroups /*tag*/, EmrService& emr,
                                             const Caller& caller, AddInstanceGroupsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.job_flow_id));
  ClusterRecord changed = life->cluster();
  TARN_CO_CHECK(need_groups(changed));
  AddInstanceGroupsOutput out;
  out.instance_group_ids.emplace();
  for (const InstanceGroupConfig& group : input.instance_groups) {
    TARN_CO_CHECK(add_group(emr, group, changed));
    out.instance_group_ids->push_back(changed.collections.back());
  }
  out.job_flow_id = changed.id;
  out.cluster_arn = changed.arn();
  life->cluster() = std::move(changed);
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return out;
}

Task<Result<wire::Unit>> handle(ModifyInstanceGroups /*tag*/, EmrService& emr, const Caller& caller,
                                ModifyInstanceGroupsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_by_group(emr, caller, input));
  ClusterRecord changed = life->cluster();
  for (const InstanceGroupModifyConfig& change :
       input.instance_groups.value_or(std::vector<InstanceGroupModifyConfig>())) {
    TARN_CO_CHECK(modify_group(change, changed));
  }
  life->cluster() = std::move(changed);
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return wire::Unit();
}

}  // namespace tarn::emr
