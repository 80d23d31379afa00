// DescribeCluster, ListClusters, TerminateJobFlows, SetTerminationProtection,
// SetKeepJobFlowAliveWhenNoSteps, SetVisibleToAllUsers, ModifyCluster, ListBootstrapActions.
#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/describe.h"
#include "services/emr/releases.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_ListClusters.html
constexpr std::size_t kClustersPerPage = 50;
// https://docs.aws.amazon.com/emr/latest/APIReference/API_TerminateJobFlows.html
constexpr std::size_t kMostJobFlows = 10;

// As asked for; what is not there is said in the way that a client sees.
std::vector<Application> applications_of(const ClusterRecord& cluster, const std::string& spark) {
  std::vector<Application> out;
  for (Application each : cluster.request.applications.value_or(std::vector<Application>())) {
    each.version.reset();
    if (each.name == "Spark") {
      each.version = spark;
    } else {
      each.additional_info.emplace()["tarn"] = application_here(each.name.value_or(""));
    }
    out.push_back(std::move(each));
  }
  return out;
}

std::vector<std::string> strings_of(const std::optional<std::vector<std::string>>& list) {
  return list.value_or(std::vector<std::string>());
}

Ec2InstanceAttributes attributes_of(const ClusterRecord& cluster) {
  const JobFlowInstancesConfig& from = cluster.request.instances;
  Ec2InstanceAttributes out;
  out.ec2_key_name = from.ec2_key_name;
  out.requested_ec2_subnet_ids = strings_of(from.ec2_subnet_ids);
  out.ec2_subnet_id = from.ec2_subnet_id;
  if (!out.ec2_subnet_id && !out.requested_ec2_subnet_ids->empty()) {
    out.ec2_subnet_id = out.requested_ec2_subnet_ids->front();
  }
  out.requested_ec2_availability_zones.emplace();
  if (from.placement) out.ec2_availability_zone = from.placement->availability_zone;
  out.iam_instance_profile = cluster.request.job_flow_role;
  out.emr_managed_master_security_group = from.emr_managed_master_security_group;
  out.emr_managed_slave_security_group = from.emr_managed_slave_security_group;
  out.service_access_security_group = from.service_access_security_group;
  out.additional_master_security_groups = strings_of(from.additional_master_security_groups);
  out.additional_slave_security_groups = strings_of(from.additional_slave_security_groups);
  return out;
}

Task<Status> change_all(EmrService& emr, const Caller& caller, std::vector<std::string> ids,
                        std::function<void(Life&)> change) {
  if (ids.size() > kMostJobFlows) {
    co_return Error("ValidationException",
                    fmt::format("At most {} job flows are named in a request.", kMostJobFlows));
  }
  std::vector<Clusters::Entry> found;
  for (const std::string& id : ids) {
    TARN_CO_TRY(Clusters::Entry entry, find_job_flow(emr, caller, id));
    found.push_back(std::move(entry));
  }
  for (const auto& entry : found) {
    change(*entry);
    TARN_CO_CHECK(co_await entry->save());
  }
  co_return Status();
}

bool listed(const ClusterRecord& cluster, const ListClustersInput& input) {
  if (input.created_after && cluster.created < *input.created_after) return false;
  if (input.created_before && cluster.created > *input.created_before) return false;
  if (!input.cluster_states || input.cluster_states->empty()) return true;
  const auto& states = *input.cluster_states;
  return std::find(states.begin(), states.end(), cluster.state) != states.end();
}

}  // namespace

Task<Result<DescribeClusterOutput>> handle(DescribeCluster /*tag*/, EmrService& emr,
                                           const Caller& caller, DescribeClusterInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  const ClusterRecord& from = life->cluster();
  const RunJobFlowInput& request = from.request;
  DescribeClusterOutput out;
  Cluster& cluster = out.cluster.emplace();
  cluster.id = from.id;
  cluster.name = request.name;
  cluster.cluster_arn = from.arn();
  cluster.status = status_of(from);
  cluster.ec2_instance_attributes = attributes_of(from);
  const bool fleets = request.instances.instance_fleets.has_value();
  cluster.instance_collection_type = fleets ? values::instance_collection_type::kInstanceFleet
                                            : values::instance_collection_type::kInstanceGroup;
  cluster.log_uri = request.log_uri;
  cluster.release_label = request.release_label;
  cluster.auto_terminate = !from.keep_alive;
  cluster.termination_protected = from.termination_protected;
  cluster.visible_to_all_users = from.visible_to_all;
  cluster.applications = applications_of(from, emr.options().spark_version);
  cluster.tags = tag_list(from.tags);
  cluster.service_role = request.service_role;
  cluster.auto_scaling_role = request.auto_scaling_role;
  // Where Spark's master is and its page, on port 8088.
  if (from.state != cluster_state::kStarting) cluster.master_public_dns_name = from.address;
  cluster.configurations = request.configurations.value_or(std::vector<Configuration>());
  cluster.security_configuration = request.security_configuration;
  cluster.scale_down_behavior = request.scale_down_behavior;
  cluster.ebs_root_volume_size = request.ebs_root_volume_size;
  cluster.repo_upgrade_on_boot = request.repo_upgrade_on_boot;
  cluster.os_release_label = request.os_release_label;
  cluster.step_concurrency_level = from.step_concurrency;
  cluster.placement_groups =
      request.placement_group_configs.value_or(std::vector<PlacementGroupConfig>());
  co_return out;
}

Task<Result<ListClustersOutput>> handle(ListClusters /*tag*/, EmrService& emr, const Caller& caller,
                                        ListClustersInput input) {
  std::vector<Clusters::Entry> wanted;
  for (const Clusters::Entry& life : emr.clusters().list(caller)) {
    if (listed(life->cluster(), input)) wanted.push_back(life);
  }
  ListClustersOutput out;
  TARN_CO_TRY(const auto page, take_page(wanted, input.marker, kClustersPerPage, out.marker));
  out.clusters.emplace();
  for (const Clusters::Entry& life : page) out.clusters->push_back(summary_of(life->cluster()));
  co_return out;
}

// All or none: a protected one refuses the whole request.
Task<Result<wire::Unit>> handle(TerminateJobFlows /*tag*/, EmrService& emr, const Caller& caller,
                                TerminateJobFlowsInput input) {
  for (const std::string& id : input.job_flow_ids) {
    TARN_CO_TRY(const Clusters::Entry life, find_job_flow(emr, caller, id));
    if (life->cluster().living() && life->cluster().termination_protected) {
      co_return Error("ValidationException",
                      "Could not shut down one or more job flows since they are termination "
                      "protected.");
    }
  }
  std::function<void(Life&)> change = [](Life& life) {
    life.terminate(reason_code::kUserRequest, "Terminated by user request", false);
  };
  TARN_CO_CHECK(co_await change_all(emr, caller, std::move(input.job_flow_ids), std::move(change)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(SetTerminationProtection /*tag*/, EmrService& emr,
                                const Caller& caller, SetTerminationProtectionInput input) {
  std::function<void(Life&)> change = [&input](Life& life) {
    life.cluster().termination_protected = input.termination_protected;
    life.touch();
  };
  TARN_CO_CHECK(co_await change_all(emr, caller, input.job_flow_ids, std::move(change)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(SetKeepJobFlowAliveWhenNoSteps /*tag*/, EmrService& emr,
                                const Caller& caller, SetKeepJobFlowAliveWhenNoStepsInput input) {
  std::function<void(Life&)> change = [&input](Life& life) {
    life.cluster().keep_alive = input.keep_job_flow_alive_when_no_steps;
    life.touch();
  };
  TARN_CO_CHECK(co_await change_all(emr, caller, input.job_flow_ids, std::move(change)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(SetVisibleToAllUsers /*tag*/, EmrService& emr, const Caller& caller,
                                SetVisibleToAllUsersInput input) {
  std::function<void(Life&)> change = [&input](Life& life) {
    life.cluster().visible_to_all = input.visible_to_all_users;
    life.touch();
  };
  TARN_CO_CHECK(co_await change_all(emr, caller, input.job_flow_ids, std::move(change)));
  co_return wire::Unit();
}

Task<Result<ModifyClusterOutput>> handle(ModifyCluster /*tag*/, EmrService& emr,
                                         const Caller& caller, ModifyClusterInput input) {
  TARN_CO_CHECK(refuse(input.extended_support.value_or(false), "ExtendedSupport"));
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  if (input.step_concurrency_level) {
    TARN_CO_CHECK(check_concurrency(*input.step_concurrency_level));
    life->cluster().step_concurrency = *input.step_concurrency_level;
    life->touch();
    TARN_CO_CHECK(co_await life->save());
  }
  ModifyClusterOutput out;
  out.step_concurrency_level = life->cluster().step_concurrency;
  co_return out;
}

Task<Result<ListBootstrapActionsOutput>> handle(ListBootstrapActions /*tag*/, EmrService& emr,
                                                const Caller& caller,
                                                ListBootstrapActionsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  ListBootstrapActionsOutput out;
  out.bootstrap_actions.emplace();
  const auto& actions = life->cluster().request.bootstrap_actions;
  for (const BootstrapActionConfig& action :
       actions.value_or(std::vector<BootstrapActionConfig>())) {
    Command& command = out.bootstrap_actions->emplace_back();
    command.name = action.name;
    command.script_path = action.script_bootstrap_action.path;
    command.args = action.script_bootstrap_action.args.value_or(std::vector<std::string>());
  }
  co_return out;
}

}  // namespace tarn::emr
