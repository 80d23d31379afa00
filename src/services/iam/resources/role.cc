// AWS::IAM::Role and AWS::IAM::InstanceProfile.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html
#include <array>
#include <charconv>
#include <map>
#include <utility>

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

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t kMostRoleName = 64;
constexpr std::size_t kMostProfileName = 128;

// Of the property Policies: texts by names.
std::map<std::string, std::string> inline_policies(const Json& properties) {
  std::map<std::string, std::string> out;
  for (const Json& each : properties.value("Policies", Json::array()))
    out[each.value("PolicyName", "")] = policy_text(each.value("PolicyDocument", Json()));
  return out;
}

// Templates have numbers as texts, too.
std::optional<int> session_seconds(const Json& properties) {
  const auto found = properties.find("MaxSessionDuration");
  if (found == properties.end()) return std::nullopt;
  if (found->is_number()) return found->get<int>();
  const auto text = found->get<std::string>();
  int out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

class RoleType final : public cloudformation::ResourceType {
 public:
  explicit RoleType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::IAM::Role"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 8> kProperties = {{{"AssumeRolePolicyDocument", true},
                                                             {"Description"},
                                                             {"ManagedPolicyArns"},
                                                             {"MaxSessionDuration"},
                                                             replacing("Path"),
                                                             {"Policies"},
                                                             replacing("RoleName"),
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "RoleName"; }
  Task<Result<Present>> read(ResourceOrder order) const override {
    co_return co_await read_role(calls_.in_process(), std::move(order));
  }

 private:
  [[nodiscard]] Task<Status> set_policies(std::string role, const ResourceOrder& order,
                                          const ResourceBefore& before) const;
  [[nodiscard]] Task<Status> set_tags(const ResourceOrder& order,
                                      const ResourceBefore& before) const;

  IamCalls calls_;
};

Task<Result<MadeResource>> RoleType::create(ResourceOrder order) const {
  const Json& wanted = order.properties;
  const std::string name = wanted.value("RoleName", short_name(order, kMostRoleName));
  Json input = cloudformation::pick(wanted, {"Description", "Path"});
  input["RoleName"] = name;
  input["AssumeRolePolicyDocument"] = policy_text(wanted["AssumeRolePolicyDocument"]);
  if (const auto seconds = session_seconds(wanted)) input["MaxSessionDuration"] = *seconds;
  Json tags = cloudformation::tag_list(order);
  if (!tags.empty()) input["Tags"] = std::move(tags);
  auto made = co_await calls_.call("CreateRole", order.caller, std::move(input));
  const bool is_there = !made.ok() && order.is_repeated && made.error().is("EntityAlreadyExists");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  TARN_CO_CHECK(co_await order.progress->begun(name));
  const ResourceBefore nothing;
  TARN_CO_CHECK(co_await set_policies(name, order, nothing));
  Json asked = {{"RoleName", name}};
  TARN_CO_TRY(const Json told, co_await calls_.call("GetRole", order.caller, std::move(asked)));
  co_return MadeResource{name, role_attributes(told["Role"])};
}

Task<Status> RoleType::set_policies(std::string role, const ResourceOrder& order,
                                    const ResourceBefore& before) const {
  const auto wanted = inline_policies(order.properties);
  const auto had = inline_policies(before.properties);
  for (const auto& [name, text] : wanted) {
    Json input = {{"RoleName", role}, {"PolicyName", name}, {"PolicyDocument", text}};
    TARN_CO_CHECK(co_await calls_.change("PutRolePolicy", order.caller, std::move(input)));
  }
  for (const auto& [name, text] : had) {
    if (wanted.contains(name)) continue;
    Json input = {{"RoleName", role}, {"PolicyName", name}};
    TARN_CO_CHECK(co_await calls_.remove("DeleteRolePolicy", order.caller, std::move(input)));
  }
  const auto attached = text_set(order.properties, "ManagedPolicyArns");
  const auto were = text_set(before.properties, "ManagedPolicyArns");
  for (const std::string& arn : were) {
    if (attached.contains(arn)) continue;
    Json input = {{"RoleName", role}, {"PolicyArn", arn}};
    TARN_CO_CHECK(co_await calls_.remove("DetachRolePolicy", order.caller, std::move(input)));
  }
  for (const std::string& arn : attached) {
    Json input = {{"RoleName", role}, {"PolicyArn", arn}};
    TARN_CO_CHECK(co_await calls_.change("AttachRolePolicy", order.caller, std::move(input)));
  }
  co_return Status();
}

Task<Status> RoleType::set_tags(const ResourceOrder& order, const ResourceBefore& before) const {
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty()) {
    Json input = {{"RoleName", order.physical_id}, {"TagKeys", dropped}};
    TARN_CO_CHECK(co_await calls_.change("UntagRole", order.caller, std::move(input)));
  }
  const Json tags = cloudformation::tag_list(order);
  if (tags.empty() || !cloudformation::tags_differ(order, before)) co_return Status();
  Json input = {{"RoleName", order.physical_id}, {"Tags", tags}};
  co_return co_await calls_.change("TagRole", order.caller, std::move(input));
}

Task<Result<MadeResource>> RoleType::update(ResourceOrder order, ResourceBefore before) const {
  const std::string name = order.physical_id;
  const Json& wanted = order.properties;
  Json trust = {{"RoleName", name},
                {"PolicyDocument", policy_text(wanted["AssumeRolePolicyDocument"])}};
  TARN_CO_CHECK(co_await calls_.change("UpdateAssumeRolePolicy", order.caller, std::move(trust)));
  Json role = {{"RoleName", name},
               {"Description", wanted.value("Description", "")},
               {"MaxSessionDuration", session_seconds(wanted).value_or(3600)}};
  TARN_CO_CHECK(co_await calls_.change("UpdateRole", order.caller, std::move(role)));
  TARN_CO_CHECK(co_await set_policies(name, order, before));
  TARN_CO_CHECK(co_await set_tags(order, before));
  co_return MadeResource{name, order.attributes};
}

// Policies that others attached would stand in the way.
Task<Status> RoleType::remove(ResourceOrder order) const {
  const Json role = {{"RoleName", order.physical_id}};
  auto attached = co_await calls_.call("ListAttachedRolePolicies", order.caller, role);
  if (!attached.ok() && attached.error().is("NoSuchEntity")) co_return Status();
  if (!attached.ok()) co_return std::move(attached).error();
  for (const Json& each : (*attached)["AttachedPolicies"]) {
    Json input = role;
    input["PolicyArn"] = each["PolicyArn"];
    TARN_CO_CHECK(co_await calls_.remove("DetachRolePolicy", order.caller, std::move(input)));
  }
  TARN_CO_TRY(const Json named, co_await calls_.call("ListRolePolicies", order.caller, role));
  for (const Json& each : named["PolicyNames"]) {
    Json input = role;
    input["PolicyName"] = each;
    TARN_CO_CHECK(co_await calls_.remove("DeleteRolePolicy", order.caller, std::move(input)));
  }
  co_return co_await calls_.remove("DeleteRole", order.caller, role);
}

class InstanceProfileType final : public cloudformation::ResourceType {
 public:
  explicit InstanceProfileType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::IAM::InstanceProfile"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 3> kProperties = {
        {replacing("InstanceProfileName"), replacing("Path"), {"Roles", true}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    TARN_CO_CHECK(co_await set_roles(order.physical_id, order, before));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "InstanceProfileName"; }
  Task<Result<Present>> read(ResourceOrder order) const override {
    co_return co_await read_instance_profile(calls_.in_process(), std::move(order));
  }

 private:
  [[nodiscard]] Task<Status> set_roles(std::string profile, const ResourceOrder& order,
                                       const ResourceBefore& before) const;

  IamCalls calls_;
};

Task<Status> InstanceProfileType::set_roles(std::string profile, const ResourceOrder& order,
                                            const ResourceBefore& before) const {
  const auto wanted = text_set(order.properties, "Roles");
  const auto had = text_set(before.properties, "Roles");
  for (const std::string& role : had) {
    if (wanted.contains(role)) continue;
    Json input = {{"InstanceProfileName", profile}, {"RoleName", role}};
    TARN_CO_CHECK(
        co_await calls_.remove("RemoveRoleFromInstanceProfile", order.caller, std::move(input)));
  }
  for (const std::string& role : wanted) {
    if (had.contains(role)) continue;
    Json input = {{"InstanceProfileName", profile}, {"RoleName", role}};
    TARN_CO_CHECK(
        co_await calls_.change("AddRoleToInstanceProfile", order.caller, std::move(input)));
  }
  co_return Status();
}

Task<Result<MadeResource>> InstanceProfileType::create(ResourceOrder order) const {
  const std::string name =
      order.properties.value("InstanceProfileName", short_name(order, kMostProfileName));
  Json input = cloudformation::pick(order.properties, {"Path"});
  input["InstanceProfileName"] = name;
  auto made = co_await calls_.call("CreateInstanceProfile", order.caller, std::move(input));
  const bool is_there = !made.ok() && order.is_repeated && made.error().is("EntityAlreadyExists");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  TARN_CO_CHECK(co_await order.progress->begun(name));
  const Json asked = {{"InstanceProfileName", name}};
  TARN_CO_TRY(Json told, co_await calls_.call("GetInstanceProfile", order.caller, asked));
  Json& profile = told["InstanceProfile"];
  // What a repeated order finds done.
  ResourceBefore before;
  before.properties = {{"Roles", Json::array()}};
  for (const Json& role : profile.value("Roles", Json::array()))
    before.properties["Roles"].push_back(role["RoleName"]);
  TARN_CO_CHECK(co_await set_roles(name, order, before));
  co_return MadeResource{name, profile_attributes(profile)};
}

Task<Status> InstanceProfileType::remove(ResourceOrder order) const {
  const Json profile = {{"InstanceProfileName", order.physical_id}};
  auto told = co_await calls_.call("GetInstanceProfile", order.caller, profile);
  if (!told.ok() && told.error().is("NoSuchEntity")) co_return Status();
  if (!told.ok()) co_return std::move(told).error();
  for (const Json& role : (*told)["InstanceProfile"].value("Roles", Json::array())) {
    Json input = profile;
    input["RoleName"] = role["RoleName"];
    TARN_CO_CHECK(
        co_await calls_.remove("RemoveRoleFromInstanceProfile", order.caller, std::move(input)));
  }
  co_return co_await calls_.remove("DeleteInstanceProfile", order.caller, profile);
}

}  // namespace

std::unique_ptr<cloudformation::ResourceType> role_type(const gateway::InProcess& calls) {
  return std::make_unique<RoleType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> instance_profile_type(
    const gateway::InProcess& calls) {
  return std::make_unique<InstanceProfileType>(calls);
}

}  // namespace tarn::iam
