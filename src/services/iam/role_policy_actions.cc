// PutRolePolicy, GetRolePolicy, ListRolePolicies, DeleteRolePolicy, AttachRolePolicy,
// DetachRolePolicy, ListAttachedRolePolicies.
#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "services/iam/actions.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: of all inline
// policies of a role together, without white space; of managed policies.
constexpr std::size_t kMostInlineBytes = 10240;
constexpr std::size_t kMostAttached = 10;

std::size_t size_of(const RoleRecord& role) {
  std::size_t out = 0;
  for (const auto& [name, text] : role.inline_policies) {
    out += static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) == 0; }));
  }
  return out;
}

Error no_such_policy(const std::string& policy, const std::string& role) {
  return {"NoSuchEntity",
          fmt::format("The role policy with name {} cannot be found for role {}.", policy, role)};
}

// Changes a role that must be there. Errors: NoSuchEntity, those of `change` and of Roles.
template <class Change>
Task<Result<wire::Unit>> change_existing(Iam& iam, const std::string& name, const Change& change) {
  const auto existing = [&](std::optional<RoleRecord>& there) -> Status {
    return there ? change(*there) : Status(no_such_role(name));
  };
  const auto work = [&] {
    return iam.roles.change_role(name, existing);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

}  // namespace

Task<Result<wire::Unit>> handle(PutRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                PutRolePolicyRequest input) {
  const auto put = [&](RoleRecord& role) -> Status {
    role.inline_policies[input.policy_name] = input.policy_document;
    if (size_of(role) <= kMostInlineBytes) return {};
    return Error("LimitExceeded",
                 fmt::format("Maximum policy size of {} bytes exceeded for role {}",
                             kMostInlineBytes, role.name));
  };
  co_return co_await change_existing(iam, input.role_name, put);
}

Task<Result<GetRolePolicyResponse>> handle(GetRolePolicy /*tag*/, Iam& iam,
                                           const Caller& /*caller*/, GetRolePolicyRequest input) {
  TARN_CO_TRY(const Roles::Role role, role_of(iam, input.role_name));
  const auto found = role->inline_policies.find(input.policy_name);
  if (found == role->inline_policies.end())
    co_return no_such_policy(input.policy_name, input.role_name);
  GetRolePolicyResponse out;
  out.role_name = role->name;
  out.policy_name = found->first;
  out.policy_document = wire::percent_encode(found->second);
  co_return out;
}

Task<Result<ListRolePoliciesResponse>> handle(ListRolePolicies /*tag*/, Iam& iam,
                                              const Caller& /*caller*/,
                                              ListRolePoliciesRequest input) {
  TARN_CO_TRY(const Roles::Role role, role_of(iam, input.role_name));
  std::vector<std::string> all;
  for (const auto& [name, text] : role->inline_policies) all.push_back(name);
  ListRolePoliciesResponse out;
  TARN_CO_TRY(out.policy_names, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteRolePolicyRequest input) {
  const auto remove = [&](RoleRecord& role) -> Status {
    if (role.inline_policies.erase(input.policy_name) > 0) return {};
    return no_such_policy(input.policy_name, input.role_name);
  };
  co_return co_await change_existing(iam, input.role_name, remove);
}

Task<Result<wire::Unit>> handle(AttachRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                AttachRolePolicyRequest input) {
  if (iam.managed.find(input.policy_arn) == nullptr &&
      iam.roles.find_policy(input.policy_arn) == nullptr) {
    co_return Error("NoSuchEntity",
                    fmt::format("Policy {} does not exist or is not attachable: tarn brings some "
                                "of AWS's policies. Write what the role may into a policy of the "
                                "account's own (CreatePolicy).",
                                input.policy_arn));
  }
  const auto attach = [&](RoleRecord& role) -> Status {
    auto& attached = role.attached;
    if (std::find(attached.begin(), attached.end(), input.policy_arn) != attached.end()) return {};
    attached.push_back(input.policy_arn);
    if (attached.size() <= kMostAttached) return {};
    return Error("LimitExceeded",
                 fmt::format("Cannot exceed quota for PoliciesPerRole: {}", kMostAttached));
  };
  co_return co_await change_existing(iam, input.role_name, attach);
}

Task<Result<wire::Unit>> handle(DetachRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DetachRolePolicyRequest input) {
  const auto detach = [&](RoleRecord& role) -> Status {
    if (std::erase(role.attached, input.policy_arn) > 0) return {};
    return Error("NoSuchEntity", fmt::format("Policy {} was not found.", input.policy_arn));
  };
  co_return co_await change_existing(iam, input.role_name, detach);
}

Task<Result<ListAttachedRolePoliciesResponse>> handle(ListAttachedRolePolicies /*tag*/, Iam& iam,
                                                      const Caller& /*caller*/,
                                                      ListAttachedRolePoliciesRequest input) {
  TARN_CO_TRY(const Roles::Role role, role_of(iam, input.role_name));
  std::vector<AttachedPolicy> all;
  for (const std::string& arn : role->attached) {
    const ManagedPolicy* policy = iam.managed.find(arn);
    const Roles::OwnPolicy own = iam.roles.find_policy(arn);
    std::string path = policy != nullptr ? policy->path : "/";
    if (own != nullptr) path = own->path;
    if (!path.starts_with(input.path_prefix.value_or("/"))) continue;
    AttachedPolicy& each = all.emplace_back();
    each.policy_name = arn.substr(arn.rfind('/') + 1);
    each.policy_arn = arn;
  }
  ListAttachedRolePoliciesResponse out;
  TARN_CO_TRY(out.attached_policies, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

}  // namespace tarn::iam
