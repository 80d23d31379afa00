// GetPolicy, GetPolicyVersion, ListPolicies, ListEntitiesForPolicy: of AWS's own policies and of
// the account's.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/iam/actions.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

// Each of AWS's own is brought in one version.
constexpr const char* kOnlyVersion = "v1";

Error no_such_policy_here(const std::string& arn) {
  return {"NoSuchEntity", fmt::format("Policy {} was not found.", arn)};
}

std::int32_t attachments(const Iam& iam, const std::string& arn) {
  const auto roles = iam.roles.roles();
  return static_cast<std::int32_t>(
      std::count_if(roles.begin(), roles.end(), [&](const Roles::Role& role) {
        return std::find(role->attached.begin(), role->attached.end(), arn) != role->attached.end();
      }));
}

Policy told(const Iam& iam, const ManagedPolicy& policy) {
  Policy out;
  out.policy_name = policy.name;
  out.arn = policy.arn;
  out.path = policy.path;
  out.default_version_id = kOnlyVersion;
  out.is_attachable = true;
  out.attachment_count = attachments(iam, policy.arn);
  return out;
}

}  // namespace

Policy to_wire(const Iam& iam, const OwnPolicyRecord& policy) {
  Policy out;
  out.policy_name = policy.name;
  out.policy_id = policy.id;
  out.arn = policy.arn();
  out.path = policy.path;
  out.default_version_id = fmt::format("v{}", policy.default_version);
  out.is_attachable = true;
  out.attachment_count = attachments(iam, policy.arn());
  out.create_date = policy.created;
  out.update_date = policy.updated;
  if (!policy.description.empty()) out.description = policy.description;
  if (!policy.tags.empty()) out.tags = to_wire(policy.tags);
  return out;
}

Task<Result<GetPolicyResponse>> handle(GetPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                       GetPolicyRequest input) {
  GetPolicyResponse out;
  const ManagedPolicy* found = iam.managed.find(input.policy_arn);
  const Roles::OwnPolicy own = iam.roles.find_policy(input.policy_arn);
  if (found == nullptr && own == nullptr) co_return no_such_policy_here(input.policy_arn);
  out.policy = own != nullptr ? to_wire(iam, *own) : told(iam, *found);
  co_return out;
}

Task<Result<GetPolicyVersionResponse>> handle(GetPolicyVersion /*tag*/, Iam& iam,
                                              const Caller& /*caller*/,
                                              GetPolicyVersionRequest input) {
  GetPolicyVersionResponse out;
  if (const Roles::OwnPolicy own = iam.roles.find_policy(input.policy_arn)) {
    TARN_CO_TRY(const int number, version_number(*own, input.version_id));
    out.policy_version = to_wire(*own, number, true);
    co_return out;
  }
  const ManagedPolicy* found = iam.managed.find(input.policy_arn);
  if (found == nullptr) co_return no_such_policy_here(input.policy_arn);
  if (input.version_id != kOnlyVersion) {
    co_return Error("NoSuchEntity", fmt::format("Policy {} version {} does not exist or is not "
                                                "attachable.",
                                                input.policy_arn, input.version_id));
  }
  PolicyVersion version;
  version.document = wire::percent_encode(found->document->text());
  version.version_id = kOnlyVersion;
  version.is_default_version = true;
  out.policy_version = std::move(version);
  co_return out;
}

Task<Result<ListPoliciesResponse>> handle(ListPolicies /*tag*/, Iam& iam, const Caller& /*caller*/,
                                          ListPoliciesRequest input) {
  const std::string scope = input.scope.value_or("All");
  std::vector<Policy> all;
  if (scope != "Local") {
    for (const ManagedPolicy* each : iam.managed.all()) all.push_back(told(iam, *each));
  }
  if (scope != "AWS") {
    for (const Roles::OwnPolicy& each : iam.roles.policies()) all.push_back(to_wire(iam, *each));
  }
  std::erase_if(all, [&](const Policy& each) {
    return !each.path->starts_with(input.path_prefix.value_or("/")) ||
           (input.only_attached.value_or(false) && *each.attachment_count == 0);
  });
  ListPoliciesResponse out;
  TARN_CO_TRY(out.policies, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<ListEntitiesForPolicyResponse>> handle(ListEntitiesForPolicy /*tag*/, Iam& iam,
                                                   const Caller& /*caller*/,
                                                   ListEntitiesForPolicyRequest input) {
  const bool is_there = iam.managed.find(input.policy_arn) != nullptr ||
                        iam.roles.find_policy(input.policy_arn) != nullptr;
  if (!is_there) co_return no_such_policy_here(input.policy_arn);
  std::vector<PolicyRole> all;
  for (const Roles::Role& role : iam.roles.roles()) {
    const auto& attached = role->attached;
    if (std::find(attached.begin(), attached.end(), input.policy_arn) == attached.end()) continue;
    PolicyRole& each = all.emplace_back();
    each.role_name = role->name;
    each.role_id = role->id;
  }
  ListEntitiesForPolicyResponse out;
  out.policy_groups.emplace();
  out.policy_users.emplace();
  TARN_CO_TRY(out.policy_roles, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

}  // namespace tarn::iam
