#include "services/iam/resources/read.h"

#include <string>
#include <utility>

#include "gateway/present.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

using cloudformation::pick;
using cloudformation::PresentResource;
using cloudformation::ResourceOrder;
using gateway::InProcess;
using nlohmann::json;

// IAM tells policies percent-encoded.
json told_policy(const json& written, const json& encoded) {
  return gateway::told_document(written, wire::percent_decode(encoded.get<std::string>()));
}

// What the template says of an inline policy; null where it has none of that name.
json written_inline(const ResourceOrder& order, const json& name) {
  const json policies = gateway::written(order, "Policies");
  for (const json& each : policies) {
    if (each.value("PolicyName", json()) == name) return each.value("PolicyDocument", json());
  }
  return {};
}

// All of a list that is told in pages.
Task<Result<json>> all_of(const InProcess& calls, std::string action, Caller caller, json asked,
                          std::string member) {
  json out = json::array();
  while (true) {
    TARN_CO_TRY(const json told, co_await calls.call(action, caller, asked));
    for (const json& each : told.value(member, json::array())) out.push_back(each);
    if (!told.value("IsTruncated", false)) co_return out;
    asked["Marker"] = told["Marker"];
  }
}

Task<Status> tell_role_policies(const InProcess& calls, const ResourceOrder& order, json& out) {
  const json role = {{"RoleName", order.physical_id}};
  std::string action = "iam:ListAttachedRolePolicies";
  std::string member = "AttachedPolicies";
  TARN_CO_TRY(const json attached,
              co_await all_of(calls, std::move(action), order.caller, role, std::move(member)));
  json arns = json::array();
  for (const json& each : attached) arns.push_back(each["PolicyArn"]);
  action = "iam:ListRolePolicies";
  member = "PolicyNames";
  TARN_CO_TRY(const json names,
              co_await all_of(calls, std::move(action), order.caller, role, std::move(member)));
  json policies = json::array();
  for (const json& name : names) {
    json asked = role;
    asked["PolicyName"] = name;
    action = "iam:GetRolePolicy";
    TARN_CO_TRY(const json told,
                co_await calls.call(std::move(action), order.caller, std::move(asked)));
    json document = told_policy(written_inline(order, name), told["PolicyDocument"]);
    policies.push_back({{"PolicyName", name}, {"PolicyDocument", std::move(document)}});
  }
  out["ManagedPolicyArns"] = std::move(arns);
  out["Policies"] = std::move(policies);
  co_return Status();
}

}  // namespace

json role_attributes(const json& role) {
  return pick(role, {"Arn", "RoleId"});
}

json profile_attributes(const json& profile) {
  return pick(profile, {"Arn", "InstanceProfileId"});
}

json policy_attributes(const json& policy) {
  return {{"PolicyArn", policy["Arn"]}, {"PolicyId", policy["PolicyId"]}};
}

Task<Result<Present>> read_role(const InProcess& calls, ResourceOrder order) {
  json asked = {{"RoleName", order.physical_id}};
  std::string absent = "NoSuchEntity";
  std::string action = "iam:GetRole";
  TARN_CO_TRY(const json told, co_await gateway::ask(calls, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  if (told.is_null()) co_return Present();
  const json& role = told["Role"];
  PresentResource out;
  out.properties = pick(role, {"RoleName", "Path", "MaxSessionDuration"});
  out.properties["Description"] = role.value("Description", "");
  out.properties["AssumeRolePolicyDocument"] = told_policy(
      gateway::written(order, "AssumeRolePolicyDocument"), role["AssumeRolePolicyDocument"]);
  TARN_CO_CHECK(co_await tell_role_policies(calls, order, out.properties));
  gateway::tell_tags(order, role.value("Tags", json::array()), out.properties);
  out.attributes = role_attributes(role);
  co_return Present(std::move(out));
}

Task<Result<Present>> read_instance_profile(const InProcess& calls, ResourceOrder order) {
  json asked = {{"InstanceProfileName", order.physical_id}};
  std::string absent = "NoSuchEntity";
  std::string action = "iam:GetInstanceProfile";
  TARN_CO_TRY(const json told, co_await gateway::ask(calls, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  if (told.is_null()) co_return Present();
  const json& profile = told["InstanceProfile"];
  PresentResource out;
  out.properties = pick(profile, {"InstanceProfileName", "Path"});
  json roles = json::array();
  for (const json& role : profile.value("Roles", json::array())) roles.push_back(role["RoleName"]);
  out.properties["Roles"] = std::move(roles);
  out.attributes = profile_attributes(profile);
  co_return Present(std::move(out));
}

Task<Result<Present>> read_managed_policy(const InProcess& calls, ResourceOrder order) {
  json asked = {{"PolicyArn", order.physical_id}};
  std::string absent = "NoSuchEntity";
  std::string action = "iam:GetPolicy";
  TARN_CO_TRY(const json told, co_await gateway::ask(calls, std::move(action), order.caller, asked,
                                                     std::move(absent)));
  if (told.is_null()) co_return Present();
  const json& policy = told["Policy"];
  PresentResource out;
  out.properties = pick(policy, {"Path"});
  out.properties["ManagedPolicyName"] = policy["PolicyName"];
  out.properties["Description"] = policy.value("Description", "");
  std::string member = "PolicyRoles";
  action = "iam:ListEntitiesForPolicy";
  TARN_CO_TRY(const json holders,
              co_await all_of(calls, std::move(action), order.caller, asked, std::move(member)));
  json roles = json::array();
  for (const json& role : holders) roles.push_back(role["RoleName"]);
  out.properties["Roles"] = std::move(roles);
  asked["VersionId"] = policy["DefaultVersionId"];
  action = "iam:GetPolicyVersion";
  TARN_CO_TRY(const json version,
              co_await calls.call(std::move(action), order.caller, std::move(asked)));
  out.properties["PolicyDocument"] =
      told_policy(gateway::written(order, "PolicyDocument"), version["PolicyVersion"]["Document"]);
  out.attributes = policy_attributes(policy);
  co_return Present(std::move(out));
}

}  // namespace tarn::iam
