#include "services/iam/resources/read.h"

#include <string>
#include <utility>

#include "gateway/present.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

using cloudformation::Json;
using cloudformation::pick;
using cloudformation::PresentResource;
using cloudformation::ResourceOrder;
using gateway::InProcess;

// IAM tells policies percent-encoded.
Json told_policy(const Json& written, const Json& encoded) {
  return gateway::told_document(written, wire::percent_decode(encoded.get<std::string>()));
}

// What the template says of an inline policy; null where it has none of that name.
Json written_inline(const ResourceOrder& order, const Json& name) {
  const Json policies = gateway::written(order, "Policies");
  for (const Json& each : policies) {
    if (each.value("PolicyName", Json()) == name) return each.value("PolicyDocument", Json());
  }
  return {};
}

// All of a list that is told in pages.
Task<Result<Json>> all_of(const InProcess& calls, std::string action, Caller caller, Json asked,
                          std::string member) {
  Json out = Json::array();
  while (true) {
    TARN_CO_TRY(const Json told, co_await calls.call(action, caller, asked));
    for (const Json& each : told.value(member, Json::array())) out.push_back(each);
    if (!told.value("IsTruncated", false)) co_return out;
    asked["Marker"] = told["Marker"];
  }
}

Task<Status> tell_role_policies(const InProcess& calls, const ResourceOrder& order, Json& out) {
  const Json role = {{"RoleName", order.physical_id}};
  std::string action = "iam:ListAttachedRolePolicies";
  std::string member = "AttachedPolicies";
  TARN_CO_TRY(const Json attached,
              co_await all_of(calls, std::move(action), order.caller, role, std::move(member)));
  Json arns = Json::array();
  for (const Json& each : attached) arns.push_back(each["PolicyArn"]);
  action = "iam:ListRolePolicies";
  member = "PolicyNames";
  TARN_CO_TRY(const Json names,
              co_await all_of(calls, std::move(action), order.caller, role, std::move(member)));
  Json policies = Json::array();
  for (const Json& name : names) {
    Json asked = role;
    asked["PolicyName"] = name;
    action = "iam:GetRolePolicy";
    TARN_CO_TRY(const Json told,
                co_await calls.call(std::move(action), order.caller, std::move(asked)));
    Json document = told_policy(written_inline(order, name), told["PolicyDocument"]);
    policies.push_back({{"PolicyName", name}, {"PolicyDocument", std::move(document)}});
  }
  out["ManagedPolicyArns"] = std::move(arns);
  out["Policies"] = std::move(policies);
  co_return Status();
}

}  // namespace

Json role_attributes(const Json& role) {
  return pick(role, {"Arn", "RoleId"});
}

Json profile_attributes(const Json& profile) {
  return pick(profile, {"Arn", "InstanceProfileId"});
}

Json policy_attributes(const Json& policy) {
  return {{"PolicyArn", policy["Arn"]}, {"PolicyId", policy["PolicyId"]}};
}

Task<Result<Present>> read_role(const InProcess& calls, ResourceOrder order) {
  Json asked = {{"RoleName", order.physical_id}};
  std::string absent = "NoSuchEntity";
  std::string action = "iam:GetRole";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  if (told.is_null()) co_return Present();
  const Json& role = told["Role"];
  PresentResource out;
  out.properties = pick(role, {"RoleName", "Path", "MaxSessionDuration"});
  out.properties["Description"] = role.value("Description", "");
  out.properties["AssumeRolePolicyDocument"] = told_policy(
      gateway::written(order, "AssumeRolePolicyDocument"), role["AssumeRolePolicyDocument"]);
  TARN_CO_CHECK(co_await tell_role_policies(calls, order, out.properties));
  gateway::tell_tags(order, role.value("Tags", Json::array()), out.properties);
  out.attributes = role_attributes(role);
  co_return Present(std::move(out));
}

Task<Result<Present>> read_instance_profile(const InProcess& calls, ResourceOrder order) {
  Json asked = {{"InstanceProfileName", order.physical_id}};
  std::string absent = "NoSuchEntity";
  std::string action = "iam:GetInstanceProfile";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  if (told.is_null()) co_return Present();
  const Json& profile = told["InstanceProfile"];
  PresentResource out;
  out.properties = pick(profile, {"InstanceProfileName", "Path"});
  Json roles = Json::array();
  for (const Json& role : profile.value("Roles", Json::array())) roles.push_back(role["RoleName"]);
  out.properties["Roles"] = std::move(roles);
  out.attributes = profile_attributes(profile);
  co_return Present(std::move(out));
}

Task<Result<Present>> read_managed_policy(const InProcess& calls, ResourceOrder order) {
  Json asked = {{"PolicyArn", order.physical_id}};
  std::string absent = "NoSuchEntity";
  std::string action = "iam:GetPolicy";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls, std::move(action), order.caller, asked,
                                                     std::move(absent)));
  if (told.is_null()) co_return Present();
  const Json& policy = told["Policy"];
  PresentResource out;
  out.properties = pick(policy, {"Path"});
  out.properties["ManagedPolicyName"] = policy["PolicyName"];
  out.properties["Description"] = policy.value("Description", "");
  std::string member = "PolicyRoles";
  action = "iam:ListEntitiesForPolicy";
  TARN_CO_TRY(const Json holders,
              co_await all_of(calls, std::move(action), order.caller, asked, std::move(member)));
  Json roles = Json::array();
  for (const Json& role : holders) roles.push_back(role["RoleName"]);
  out.properties["Roles"] = std::move(roles);
  asked["VersionId"] = policy["DefaultVersionId"];
  action = "iam:GetPolicyVersion";
  TARN_CO_TRY(const Json version,
              co_await calls.call(std::move(action), order.caller, std::move(asked)));
  out.properties["PolicyDocument"] =
      told_policy(gateway::written(order, "PolicyDocument"), version["PolicyVersion"]["Document"]);
  out.attributes = policy_attributes(policy);
  co_return Present(std::move(out));
}

}  // namespace tarn::iam
