// AWS::IAM::ManagedPolicy and AWS::IAM::Policy, of roles.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html
#include <array>
#include <utility>

#include "base/ids.h"
#include "services/iam/managed_policies.h"
#include "services/iam/resources/iam_calls.h"
#include "services/iam/resources/read.h"
#include "services/iam/resources/resources.h"

namespace tarn::iam {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

constexpr std::size_t kMostPolicyName = 128;

class ManagedPolicyType final : public cloudformation::ResourceType {
 public:
  explicit ManagedPolicyType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::IAM::ManagedPolicy"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 5> kProperties = {{replacing("Description"),
                                                             replacing("ManagedPolicyName"),
                                                             replacing("Path"),
                                                             {"PolicyDocument", true},
                                                             {"Roles"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "PolicyArn"; }
  Task<Result<Present>> read(ResourceOrder order) const override {
    co_return co_await read_managed_policy(calls_.in_process(), std::move(order));
  }

 private:
  [[nodiscard]] Task<Status> attach(std::string arn, const ResourceOrder& order,
                                    const ResourceBefore& before) const;
  // All versions but the default one, or only the oldest where no more would fit.
  [[nodiscard]] Task<Status> drop_versions(const ResourceOrder& order, bool all) const;

  IamCalls calls_;
};

Task<Result<MadeResource>> ManagedPolicyType::create(ResourceOrder order) const {
  const Json& wanted = order.properties;
  const std::string name = wanted.value("ManagedPolicyName", short_name(order, kMostPolicyName));
  Json input = cloudformation::pick(wanted, {"Description", "Path"});
  input["PolicyName"] = name;
  input["PolicyDocument"] = policy_text(wanted["PolicyDocument"]);
  auto made = co_await calls_.call("CreatePolicy", order.caller, std::move(input));
  const bool is_there = !made.ok() && order.is_repeated && made.error().is("EntityAlreadyExists");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  const std::string arn =
      make_arn("iam", "", order.caller.account_id, "policy" + wanted.value("Path", "/") + name);
  TARN_CO_CHECK(co_await order.progress->begun(arn));
  const ResourceBefore nothing;
  TARN_CO_CHECK(co_await attach(arn, order, nothing));
  Json asked = {{"PolicyArn", arn}};
  TARN_CO_TRY(const Json told, co_await calls_.call("GetPolicy", order.caller, std::move(asked)));
  co_return MadeResource{arn, policy_attributes(told["Policy"])};
}

Task<Status> ManagedPolicyType::attach(std::string arn, const ResourceOrder& order,
                                       const ResourceBefore& before) const {
  const auto wanted = text_set(order.properties, "Roles");
  const auto had = text_set(before.properties, "Roles");
  for (const std::string& role : had) {
    if (wanted.contains(role)) continue;
    Json input = {{"RoleName", role}, {"PolicyArn", arn}};
    TARN_CO_CHECK(co_await calls_.remove("DetachRolePolicy", order.caller, std::move(input)));
  }
  for (const std::string& role : wanted) {
    Json input = {{"RoleName", role}, {"PolicyArn", arn}};
    TARN_CO_CHECK(co_await calls_.change("AttachRolePolicy", order.caller, std::move(input)));
  }
  co_return Status();
}

Task<Status> ManagedPolicyType::drop_versions(const ResourceOrder& order, bool all) const {
  Json asked = {{"PolicyArn", order.physical_id}};
  TARN_CO_TRY(const Json told,
              co_await calls_.call("ListPolicyVersions", order.caller, std::move(asked)));
  const Json& versions = told["Versions"];
  if (!all && versions.size() < kMostPolicyVersions) co_return Status();
  for (auto each = versions.rbegin(); each != versions.rend(); ++each) {
    if ((*each)["IsDefaultVersion"] == true) continue;
    Json input = {{"PolicyArn", order.physical_id}, {"VersionId", (*each)["VersionId"]}};
    TARN_CO_CHECK(co_await calls_.remove("DeletePolicyVersion", order.caller, std::move(input)));
    if (!all) co_return Status();
  }
  co_return Status();
}

Task<Result<MadeResource>> ManagedPolicyType::update(ResourceOrder order,
                                                     ResourceBefore before) const {
  if (cloudformation::differs(before.properties, order.properties, "PolicyDocument")) {
    TARN_CO_CHECK(co_await drop_versions(order, false));
    Json input = {{"PolicyArn", order.physical_id},
                  {"PolicyDocument", policy_text(order.properties["PolicyDocument"])},
                  {"SetAsDefault", true}};
    TARN_CO_CHECK(co_await calls_.change("CreatePolicyVersion", order.caller, std::move(input)));
  }
  TARN_CO_CHECK(co_await attach(order.physical_id, order, before));
  co_return MadeResource{order.physical_id, order.attributes};
}

Task<Status> ManagedPolicyType::remove(ResourceOrder order) const {
  const Json policy = {{"PolicyArn", order.physical_id}};
  auto told = co_await calls_.call("ListEntitiesForPolicy", order.caller, policy);
  if (!told.ok() && told.error().is("NoSuchEntity")) co_return Status();
  if (!told.ok()) co_return std::move(told).error();
  for (const Json& role : told->value("PolicyRoles", Json::array())) {
    Json input = policy;
    input["RoleName"] = role["RoleName"];
    TARN_CO_CHECK(co_await calls_.remove("DetachRolePolicy", order.caller, std::move(input)));
  }
  TARN_CO_CHECK(co_await drop_versions(order, true));
  co_return co_await calls_.remove("DeletePolicy", order.caller, policy);
}

class InlinePolicyType final : public cloudformation::ResourceType {
 public:
  explicit InlinePolicyType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::IAM::Policy"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 3> kProperties = {
        {{"PolicyDocument", true}, {"PolicyName", true}, {"Roles", true}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    TARN_CO_CHECK(co_await order.progress->begun(order.physical_name));
    TARN_CO_CHECK(co_await put(order));
    co_return MadeResource{order.physical_name, Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    TARN_CO_CHECK(co_await put(order));
    const bool renamed = cloudformation::differs(before.properties, order.properties, "PolicyName");
    const auto kept = text_set(order.properties, "Roles");
    const auto had = text_set(before.properties, "Roles");
    for (const std::string& role : had) {
      if (kept.contains(role) && !renamed) continue;
      TARN_CO_CHECK(co_await take(order.caller, role, before.properties));
    }
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    const auto roles = text_set(order.properties, "Roles");
    for (const std::string& role : roles)
      TARN_CO_CHECK(co_await take(order.caller, role, order.properties));
    co_return Status();
  }

 private:
  [[nodiscard]] Task<Status> put(const ResourceOrder& order) const {
    const auto roles = text_set(order.properties, "Roles");
    for (const std::string& role : roles) {
      Json input = {{"RoleName", role},
                    {"PolicyName", order.properties["PolicyName"]},
                    {"PolicyDocument", policy_text(order.properties["PolicyDocument"])}};
      TARN_CO_CHECK(co_await calls_.change("PutRolePolicy", order.caller, std::move(input)));
    }
    co_return Status();
  }
  [[nodiscard]] Task<Status> take(Caller caller, std::string role, const Json& properties) const {
    Json input = {{"RoleName", std::move(role)}, {"PolicyName", properties["PolicyName"]}};
    co_return co_await calls_.remove("DeleteRolePolicy", std::move(caller), std::move(input));
  }

  IamCalls calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> managed_policy_type(const gateway::InProcess& calls) {
  return std::make_unique<ManagedPolicyType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> inline_policy_type(const gateway::InProcess& calls) {
  return std::make_unique<InlinePolicyType>(calls);
}

}  // namespace tarn::iam
