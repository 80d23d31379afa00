// AWS::EMR::Cluster.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-emr-cluster.html
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "services/emr/resources/cluster_read.h"
#include "services/emr/resources/resources.h"
#include "services/emr/resources/run_input.h"

namespace tarn::emr {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

constexpr std::chrono::milliseconds kLookAgain{100};

bool is_protected(const Json& properties) {
  const Json said =
      properties.value("Instances", Json::object()).value("TerminationProtected", Json());
  return said == true || said == "true";
}

class ClusterType final : public cloudformation::ResourceType {
 public:
  ClusterType(const gateway::InProcess& calls, platform::Clock& clock)
      : calls_(calls), clock_(clock) {}

  std::string_view name() const override { return "AWS::EMR::Cluster"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 23> kProperties = {{replacing("AdditionalInfo"),
                                                              replacing("Applications"),
                                                              replacing("AutoScalingRole"),
                                                              {"AutoTerminationPolicy"},
                                                              replacing("BootstrapActions"),
                                                              replacing("Configurations"),
                                                              replacing("CustomAmiId"),
                                                              replacing("EbsRootVolumeSize"),
                                                              {"Instances", true},
                                                              replacing("JobFlowRole", true),
                                                              replacing("KerberosAttributes"),
                                                              replacing("LogUri"),
                                                              {"ManagedScalingPolicy"},
                                                              replacing("Name", true),
                                                              replacing("OSReleaseLabel"),
                                                              replacing("ReleaseLabel"),
                                                              replacing("ScaleDownBehavior"),
                                                              replacing("SecurityConfiguration"),
                                                              replacing("ServiceRole", true),
                                                              {"StepConcurrencyLevel"},
                                                              replacing("Steps"),
                                                              {"Tags"},
                                                              {"VisibleToAllUsers"}}};
    return kProperties;
  }
  // Other instances are another cluster; so many more or fewer are not.
  bool replaces(const Json& before, const Json& wanted) const override {
    const Json none = Json::object();
    return ResourceType::replaces(before, wanted) ||
           sizes_of(before.value("Instances", none)).fixed !=
               sizes_of(wanted.value("Instances", none)).fixed;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "Id"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override {
    co_return co_await read_cluster(calls_, std::move(order));
  }

 private:
  [[nodiscard]] Task<Result<MadeResource>> wait_until_ready(const ResourceOrder& order,
                                                            std::string id) const;
  [[nodiscard]] Task<Status> resize(const ResourceOrder& order, const ResourceBefore& before) const;

  const gateway::InProcess& calls_;
  platform::Clock& clock_;
};

// WAITING, or RUNNING a step; what ends before is a failure with the cluster's own words.
Task<Result<MadeResource>> ClusterType::wait_until_ready(const ResourceOrder& order,
                                                         std::string id) const {
  const Json asked = {{"ClusterId", id}};
  while (true) {
    TARN_CO_TRY(const Json told, co_await calls_.call("emr:DescribeCluster", order.caller, asked));
    const Json& cluster = told["Cluster"];
    const std::string state = cluster["Status"]["State"];
    if (state == "WAITING" || state == "RUNNING") {
      co_return MadeResource{id, cluster_attributes(cluster)};
    }
    if (state.starts_with("TERMINAT")) {
      const Json reason = cluster["Status"].value("StateChangeReason", Json::object());
      co_return tarn::Error("NotStabilized",
                            fmt::format("Cluster {} is in {} state: {}", id, state,
                                        reason.value("Message", reason.value("Code", ""))));
    }
    TARN_CO_CHECK(order.check_going_on());
    co_await clock_.sleep(kLookAgain);
  }
}

Task<Result<MadeResource>> ClusterType::create(ResourceOrder order) const {
  std::string id = order.physical_id;
  if (id.empty()) {
    Json input = run_input_of(order.properties);
    Json tags = cloudformation::tag_list(order);
    if (!tags.empty()) input["Tags"] = std::move(tags);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("emr:RunJobFlow", order.caller, std::move(input)));
    id = made["JobFlowId"].get<std::string>();
    TARN_CO_CHECK(co_await order.progress->begun(id));
  }
  co_return co_await wait_until_ready(order, std::move(id));
}

// Groups and fleets are told apart by their roles; of several of one role by their order.
Task<Status> ClusterType::resize(const ResourceOrder& order, const ResourceBefore& before) const {
  const Sizes was = sizes_of(before.properties.value("Instances", Json::object()));
  const Sizes wanted = sizes_of(order.properties.value("Instances", Json::object()));
  if (was.by_collection == wanted.by_collection) co_return Status();
  const bool fleets = wanted.by_collection.begin()->first.find("Fleet") != std::string::npos;
  const Json asked = {{"ClusterId", order.physical_id}};
  TARN_CO_TRY(const Json told,
              co_await calls_.call(fleets ? "emr:ListInstanceFleets" : "emr:ListInstanceGroups",
                                   order.caller, asked));
  std::map<std::string, std::size_t> tasks;
  for (const Json& each : told[fleets ? "InstanceFleets" : "InstanceGroups"]) {
    const std::string role = each[fleets ? "InstanceFleetType" : "InstanceGroupType"];
    const std::string kind = fleets ? "InstanceFleet" : "InstanceGroup";
    std::string member = (role == "MASTER" ? "Master" : "Core") + kind;
    if (role == "TASK") member = fmt::format("Task{}s/{}", kind, tasks[role]++);
    const auto sizes = wanted.by_collection.find(member);
    const auto had = was.by_collection.find(member);
    if (sizes == wanted.by_collection.end() || had == was.by_collection.end()) continue;
    if (sizes->second == had->second) continue;
    Json change = sizes->second;
    change[fleets ? "InstanceFleetId" : "InstanceGroupId"] = each["Id"];
    Json input = asked;
    if (fleets) {
      input["InstanceFleet"] = std::move(change);
    } else {
      input["InstanceGroups"] = Json::array({std::move(change)});
    }
    TARN_CO_TRY(const Json done, co_await calls_.call(fleets ? "emr:ModifyInstanceFleet"
                                                             : "emr:ModifyInstanceGroups",
                                                      order.caller, std::move(input)));
  }
  co_return Status();
}

Task<Result<MadeResource>> ClusterType::update(ResourceOrder order, ResourceBefore before) const {
  const Json id = order.physical_id;
  const Json& was = before.properties;
  const Json& wanted = order.properties;
  std::vector<std::pair<std::string, Json>> steps;
  const Json one = {{"ClusterId", id}};
  for (const char* policy : {"AutoTerminationPolicy", "ManagedScalingPolicy"}) {
    if (!cloudformation::differs(was, wanted, policy)) continue;
    Json input = one;
    const bool put = wanted.contains(policy);
    if (put) input[policy] = wanted[policy];
    steps.emplace_back(std::string(put ? "Put" : "Remove") + policy, std::move(input));
  }
  if (cloudformation::differs(was, wanted, "StepConcurrencyLevel")) {
    steps.emplace_back("ModifyCluster", Json{{"ClusterId", id},
                                             {"StepConcurrencyLevel",
                                              wanted.value("StepConcurrencyLevel", Json(1))}});
  }
  if (cloudformation::differs(was, wanted, "VisibleToAllUsers")) {
    steps.emplace_back("SetVisibleToAllUsers",
                       Json{{"JobFlowIds", Json::array({id})},
                            {"VisibleToAllUsers", wanted.value("VisibleToAllUsers", Json(true))}});
  }
  if (is_protected(was) != is_protected(wanted)) {
    steps.emplace_back(
        "SetTerminationProtection",
        Json{{"JobFlowIds", Json::array({id})}, {"TerminationProtected", is_protected(wanted)}});
  }
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty())
    steps.emplace_back("RemoveTags", Json{{"ResourceId", id}, {"TagKeys", dropped}});
  const Json tags = cloudformation::tag_list(order);
  if (cloudformation::tags_differ(order, before) && !tags.empty())
    steps.emplace_back("AddTags", Json{{"ResourceId", id}, {"Tags", tags}});
  for (auto& [action, input] : steps) {
    TARN_CO_TRY(const Json done,
                co_await calls_.call("emr:" + action, order.caller, std::move(input)));
  }
  TARN_CO_CHECK(co_await resize(order, before));
  co_return MadeResource{order.physical_id, order.attributes};
}

Task<Status> ClusterType::remove(ResourceOrder order) const {
  const Json asked = {{"ClusterId", order.physical_id}};
  while (true) {
    auto told = co_await calls_.call("emr:DescribeCluster", order.caller, asked);
    // A cluster's record may have gone.
    if (!told.ok() && told.error().is("InvalidRequestException")) co_return Status();
    if (!told.ok()) co_return std::move(told).error();
    const std::string state = (*told)["Cluster"]["Status"]["State"];
    if (state.starts_with("TERMINATED")) co_return Status();
    if ((*told)["Cluster"].value("TerminationProtected", false)) {
      co_return tarn::Error(
          "ValidationException",
          fmt::format("Cluster {} is protected from termination: aws emr "
                      "modify-cluster-attributes --cluster-id {} --no-termination-protected",
                      order.physical_id, order.physical_id));
    }
    if (state != "TERMINATING") {
      Json input = {{"JobFlowIds", Json::array({order.physical_id})}};
      TARN_CO_TRY(const Json done,
                  co_await calls_.call("emr:TerminateJobFlows", order.caller, std::move(input)));
    }
    TARN_CO_CHECK(order.check_going_on());
    co_await clock_.sleep(kLookAgain);
  }
}

}  // namespace

std::unique_ptr<cloudformation::ResourceType> cluster_type(const gateway::InProcess& calls,
                                                           platform::Clock& clock) {
  return std::make_unique<ClusterType>(calls, clock);
}

}  // namespace tarn::emr
