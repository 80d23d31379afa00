#include "services/emr/resources/cluster_read.h"

#include <array>
#include <string>
#include <utility>

#include "gateway/present.h"
#include "services/emr/resources/run_input.h"

namespace tarn::emr {
namespace {

using cloudformation::Json;
using cloudformation::pick;
using cloudformation::PresentResource;
using cloudformation::ResourceOrder;
using gateway::InProcess;

// What has no form of its own in templates.
Json told_cluster(const Json& cluster) {
  Json out = pick(cluster, {"Name", "ReleaseLabel", "OSReleaseLabel", "LogUri", "ServiceRole",
                            "VisibleToAllUsers", "AutoScalingRole", "ScaleDownBehavior",
                            "SecurityConfiguration", "StepConcurrencyLevel", "CustomAmiId",
                            "EbsRootVolumeSize", "Applications"});
  const Json profile = cluster.value("Ec2InstanceAttributes", Json::object());
  if (profile.contains("IamInstanceProfile")) out["JobFlowRole"] = profile["IamInstanceProfile"];
  const Json configurations = cluster.value("Configurations", Json::array());
  if (!configurations.empty()) out["Configurations"] = template_configurations_of(configurations);
  return out;
}

// The place of a fleet or group in what the template says of Instances; of several of one role by
// their order. nullptr: it stands beside the cluster.
Json* find_collection(Json& instances, const std::string& role, const std::string& kind,
                      std::size_t task) {
  const bool is_task = role == "TASK";
  const std::string member =
      is_task ? "Task" + kind + "s" : (role == "MASTER" ? "Master" : "Core") + kind;
  const auto found = instances.find(member);
  if (found == instances.end()) return nullptr;
  if (!is_task) return &*found;
  return task < found->size() ? &(*found)[task] : nullptr;
}

// Where the template says nothing of Instances, all that is told of them.
void add_told_collection(Json& instances, const std::string& role, const std::string& kind,
                         Json collection) {
  if (role == "TASK") {
    instances["Task" + kind + "s"].push_back(std::move(collection));
  } else {
    instances[(role == "MASTER" ? "Master" : "Core") + kind] = std::move(collection);
  }
}

// How many instances there are to be.
Task<Status> tell_sizes(const InProcess& calls, const ResourceOrder& order, bool fleets,
                        Json& instances) {
  const bool is_written = !gateway::written(order, "Instances").is_null();
  const std::string kind = fleets ? "InstanceFleet" : "InstanceGroup";
  std::string action = "emr:List" + kind + "s";
  Json asked = {{"ClusterId", order.physical_id}};
  TARN_CO_TRY(const Json told,
              co_await calls.call(std::move(action), order.caller, std::move(asked)));
  std::size_t tasks = 0;
  for (const Json& each : told.value(kind + "s", Json::array())) {
    const std::string role = each.value(kind + "Type", "");
    Json sizes = pick(each, {"TargetOnDemandCapacity", "TargetSpotCapacity"});
    if (!fleets) sizes["InstanceCount"] = each["RequestedInstanceCount"];
    if (!is_written) {
      Json whole = pick(each, {"Name", "InstanceType", "Market", "BidPrice"});
      whole.update(sizes);
      add_told_collection(instances, role, kind, std::move(whole));
      continue;
    }
    Json* const place = find_collection(instances, role, kind, tasks);
    if (role == "TASK") ++tasks;
    if (place != nullptr) place->update(sizes);
  }
  co_return Status();
}

// What of Instances cannot change stays as the template has it.
Task<Status> tell_instances(const InProcess& calls, const ResourceOrder& order, const Json& cluster,
                            Json& out) {
  Json instances = gateway::written(order, "Instances");
  if (instances.is_null()) {
    instances = pick(cluster.value("Ec2InstanceAttributes", Json::object()),
                     {"Ec2KeyName", "Ec2SubnetId", "EmrManagedMasterSecurityGroup",
                      "EmrManagedSlaveSecurityGroup", "ServiceAccessSecurityGroup"});
  }
  instances["TerminationProtected"] = cluster.value("TerminationProtected", false);
  instances["KeepJobFlowAliveWhenNoSteps"] = !cluster.value("AutoTerminate", false);
  const bool fleets = cluster.value("InstanceCollectionType", "") == "INSTANCE_FLEET";
  TARN_CO_CHECK(co_await tell_sizes(calls, order, fleets, instances));
  out["Instances"] = std::move(instances);
  co_return Status();
}

Task<Status> tell_policies(const InProcess& calls, const ResourceOrder& order, Json& out) {
  const Json asked = {{"ClusterId", order.physical_id}};
  static constexpr std::array<const char*, 2> kPolicies = {"AutoTerminationPolicy",
                                                           "ManagedScalingPolicy"};
  for (const char* policy : kPolicies) {
    std::string action = std::string("emr:Get") + policy;
    TARN_CO_TRY(const Json told, co_await calls.call(std::move(action), order.caller, asked));
    out.update(pick(told, {policy}));
  }
  co_return Status();
}

Task<Status> tell_bootstrap(const InProcess& calls, const ResourceOrder& order, Json& out) {
  Json asked = {{"ClusterId", order.physical_id}};
  std::string action = "emr:ListBootstrapActions";
  TARN_CO_TRY(const Json told,
              co_await calls.call(std::move(action), order.caller, std::move(asked)));
  Json actions = Json::array();
  for (const Json& each : told.value("BootstrapActions", Json::array())) {
    const Json script = {{"Path", each["ScriptPath"]}, {"Args", each.value("Args", Json::array())}};
    actions.push_back({{"Name", each["Name"]}, {"ScriptBootstrapAction", script}});
  }
  if (!actions.empty()) out["BootstrapActions"] = std::move(actions);
  co_return Status();
}

}  // namespace

Json cluster_attributes(const Json& cluster) {
  return {{"Id", cluster["Id"]}, {"MasterPublicDNS", cluster.value("MasterPublicDnsName", "")}};
}

Task<Result<std::optional<PresentResource>>> read_cluster(const InProcess& calls,
                                                          ResourceOrder order) {
  Json asked = {{"ClusterId", order.physical_id}};
  // EMR tells what is not there like what cannot be.
  std::string absent = "InvalidRequestException";
  std::string action = "emr:DescribeCluster";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  const Json cluster = told.is_null() ? Json() : told["Cluster"];
  if (cluster.is_null() || cluster["Status"].value("State", "").starts_with("TERMINAT"))
    co_return std::optional<PresentResource>();
  PresentResource out;
  out.properties = told_cluster(cluster);
  out.untold = {"AdditionalInfo", "Steps"};
  TARN_CO_CHECK(co_await tell_instances(calls, order, cluster, out.properties));
  TARN_CO_CHECK(co_await tell_policies(calls, order, out.properties));
  TARN_CO_CHECK(co_await tell_bootstrap(calls, order, out.properties));
  gateway::tell_tags(order, cluster.value("Tags", Json::array()), out.properties);
  out.attributes = cluster_attributes(cluster);
  co_return std::optional(std::move(out));
}

}  // namespace tarn::emr
