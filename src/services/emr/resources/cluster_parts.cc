// AWS::EMR::InstanceFleetConfig, AWS::EMR::InstanceGroupConfig, AWS::EMR::Step and
// AWS::EMR::SecurityConfiguration.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-emr-instancefleetconfig.html
#include <array>
#include <utility>

#include "services/emr/resources/resources.h"
#include "services/emr/resources/run_input.h"

namespace tarn::emr {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// Whether the cluster has ended or ends: what belongs to it goes with it.
Task<bool> has_ended(const gateway::InProcess& calls, Caller caller, Json cluster) {
  Json asked = {{"ClusterId", std::move(cluster)}};
  auto told = co_await calls.call("emr:DescribeCluster", std::move(caller), std::move(asked));
  if (!told.ok()) co_return told.error().is("InvalidRequestException");
  const std::string state = (*told)["Cluster"]["Status"]["State"];
  co_return state.starts_with("TERMINAT");
}

class InstanceFleetType final : public cloudformation::ResourceType {
 public:
  explicit InstanceFleetType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EMR::InstanceFleetConfig"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 8> kProperties = {{replacing("ClusterId", true),
                                                             replacing("InstanceFleetType", true),
                                                             replacing("InstanceTypeConfigs"),
                                                             replacing("LaunchSpecifications"),
                                                             replacing("Name"),
                                                             {"ResizeSpecifications"},
                                                             {"TargetOnDemandCapacity"},
                                                             {"TargetSpotCapacity"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json fleet = collection_of(order.properties);
    fleet.erase("ClusterId");
    Json input = {{"ClusterId", order.properties["ClusterId"]},
                  {"InstanceFleet", std::move(fleet)}};
    TARN_CO_TRY(const Json made,
                co_await calls_.call("emr:AddInstanceFleet", order.caller, std::move(input)));
    co_return MadeResource{made["InstanceFleetId"].get<std::string>(), Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    const Json& wanted = order.properties;
    Json capacities = {{"TargetOnDemandCapacity", wanted.value("TargetOnDemandCapacity", Json(0))},
                       {"TargetSpotCapacity", wanted.value("TargetSpotCapacity", Json(0))}};
    TARN_CO_CHECK(co_await resize(order, std::move(capacities)));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  // EMR has no action that takes a fleet away: on AWS this fails. It is emptied; its record goes
  // with the cluster.
  Task<Status> remove(ResourceOrder order) const override {
    if (co_await has_ended(calls_, order.caller, order.properties["ClusterId"])) co_return Status();
    Json capacities = {{"TargetOnDemandCapacity", 0}, {"TargetSpotCapacity", 0}};
    const Status emptied = co_await resize(order, std::move(capacities));
    if (emptied.ok()) co_return Status();
    // It ends meanwhile, or begins to.
    if (co_await has_ended(calls_, order.caller, order.properties["ClusterId"])) co_return Status();
    co_return emptied;
  }

 private:
  [[nodiscard]] Task<Status> resize(const ResourceOrder& order, Json capacities) const {
    capacities["InstanceFleetId"] = order.physical_id;
    Json input = {{"ClusterId", order.properties["ClusterId"]},
                  {"InstanceFleet", std::move(capacities)}};
    auto done = co_await calls_.call("emr:ModifyInstanceFleet", order.caller, std::move(input));
    if (done.ok()) co_return Status();
    co_return std::move(done).error();
  }

  const gateway::InProcess& calls_;
};

class InstanceGroupType final : public cloudformation::ResourceType {
 public:
  explicit InstanceGroupType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EMR::InstanceGroupConfig"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 9> kProperties = {{replacing("BidPrice"),
                                                             replacing("Configurations"),
                                                             replacing("EbsConfiguration"),
                                                             {"InstanceCount", true},
                                                             replacing("InstanceRole", true),
                                                             replacing("InstanceType", true),
                                                             replacing("JobFlowId", true),
                                                             replacing("Market"),
                                                             replacing("Name")}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json group = collection_of(order.properties);
    group.erase("JobFlowId");
    Json input = {{"JobFlowId", order.properties["JobFlowId"]},
                  {"InstanceGroups", Json::array({std::move(group)})}};
    TARN_CO_TRY(const Json made,
                co_await calls_.call("emr:AddInstanceGroups", order.caller, std::move(input)));
    co_return MadeResource{made["InstanceGroupIds"][0].get<std::string>(), Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    TARN_CO_CHECK(co_await resize(order, order.properties["InstanceCount"]));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  // As with fleets.
  Task<Status> remove(ResourceOrder order) const override {
    if (co_await has_ended(calls_, order.caller, order.properties["JobFlowId"])) co_return Status();
    const Status emptied = co_await resize(order, 0);
    if (emptied.ok()) co_return Status();
    if (co_await has_ended(calls_, order.caller, order.properties["JobFlowId"])) co_return Status();
    co_return emptied;
  }

 private:
  [[nodiscard]] Task<Status> resize(const ResourceOrder& order, Json count) const {
    Json group = {{"InstanceGroupId", order.physical_id}, {"InstanceCount", std::move(count)}};
    Json input = {{"ClusterId", order.properties["JobFlowId"]},
                  {"InstanceGroups", Json::array({std::move(group)})}};
    auto done = co_await calls_.call("emr:ModifyInstanceGroups", order.caller, std::move(input));
    if (done.ok()) co_return Status();
    co_return std::move(done).error();
  }

  const gateway::InProcess& calls_;
};

class StepType final : public cloudformation::ResourceType {
 public:
  explicit StepType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EMR::Step"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 4> kProperties = {
        {replacing("ActionOnFailure", true), replacing("HadoopJarStep", true),
         replacing("JobFlowId", true), replacing("Name", true)}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json step = step_of(order.properties);
    step.erase("JobFlowId");
    Json input = {{"JobFlowId", order.properties["JobFlowId"]},
                  {"Steps", Json::array({std::move(step)})}};
    TARN_CO_TRY(const Json made,
                co_await calls_.call("emr:AddJobFlowSteps", order.caller, std::move(input)));
    co_return MadeResource{made["StepIds"][0].get<std::string>(), Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  // One that has not begun does not run any more; what has run stays in the cluster's history.
  Task<Status> remove(ResourceOrder order) const override {
    if (co_await has_ended(calls_, order.caller, order.properties["JobFlowId"])) co_return Status();
    Json input = {{"ClusterId", order.properties["JobFlowId"]},
                  {"StepIds", Json::array({order.physical_id})}};
    auto done = co_await calls_.call("emr:CancelSteps", order.caller, std::move(input));
    if (done.ok() || done.error().is("InvalidRequestException")) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

class SecurityConfigurationType final : public cloudformation::ResourceType {
 public:
  explicit SecurityConfigurationType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EMR::SecurityConfiguration"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {replacing("Name"), replacing("SecurityConfiguration", true)}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    const std::string name = order.properties.value("Name", order.physical_name);
    const Json& given = order.properties["SecurityConfiguration"];
    Json input = {{"Name", name},
                  {"SecurityConfiguration", given.is_string() ? given : Json(given.dump())}};
    auto made =
        co_await calls_.call("emr:CreateSecurityConfiguration", order.caller, std::move(input));
    // That it is there already is said so.
    const bool is_there = !made.ok() && order.is_repeated &&
                          made.error().message.find("already exists") != std::string::npos;
    if (!made.ok() && !is_there) co_return std::move(made).error();
    co_return MadeResource{name, Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"Name", order.physical_id}};
    auto done =
        co_await calls_.call("emr:DeleteSecurityConfiguration", order.caller, std::move(input));
    const bool is_gone =
        !done.ok() && done.error().message.find("does not exist") != std::string::npos;
    if (done.ok() || is_gone) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> instance_fleet_type(const gateway::InProcess& calls) {
  return std::make_unique<InstanceFleetType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> instance_group_type(const gateway::InProcess& calls) {
  return std::make_unique<InstanceGroupType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> step_type(const gateway::InProcess& calls) {
  return std::make_unique<StepType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> security_configuration_type(
    const gateway::InProcess& calls) {
  return std::make_unique<SecurityConfigurationType>(calls);
}

}  // namespace tarn::emr
