// CreatePolicy, GetPolicy, ListPolicies, DeletePolicy, CreatePolicyVersion, GetPolicyVersion,
// ListPolicyVersions, SetDefaultPolicyVersion, DeletePolicyVersion, ListEntitiesForPolicy.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "services/iam/identity_policies.h"

namespace tarn::iam {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t kMostPolicyCharacters = 6144;

Result<ManagedPolicies::Entry> managed_policy(const Iam& iam, const std::string& arn) {
  auto found = iam.managed.find(arn);
  if (!found) return Error("NoSuchEntity", fmt::format("Policy {} was not found.", arn));
  return found;
}

Status check_size(const std::string& document) {
  if (size_without_space(document) <= kMostPolicyCharacters) return {};
  return Error("LimitExceeded",
               fmt::format("Cannot exceed quota for PolicySize: {}", kMostPolicyCharacters));
}

Error no_such_version(const std::string& arn, const std::string& version) {
  return {"NoSuchEntity",
          fmt::format("Policy {} version {} does not exist or is not attachable.", arn, version)};
}

// "v12" as 12, of a version that is there. Error: NoSuchEntity.
Result<int> version_in(const ManagedPolicy& policy, const std::string& name) {
  int number = 0;
  const char* const end = name.data() + name.size();
  const bool is_name = name.starts_with('v');
  const auto read = is_name ? std::from_chars(name.data() + 1, end, number)
                            : std::from_chars_result{name.data(), std::errc::invalid_argument};
  if (read.ec != std::errc() || read.ptr != end || policy.versions.count(number) == 0)
    return no_such_version(policy.arn(), name);
  return number;
}

template <class All>
int count_of(const All& all, const std::string& arn, bool as_boundary) {
  return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const auto& each) {
    if (as_boundary) return each->boundary == arn;
    return std::find(each->attached.begin(), each->attached.end(), arn) != each->attached.end();
  }));
}

int count_of_all(const Iam& iam, const std::string& arn, bool as_boundary) {
  return count_of(iam.roles.roles(), arn, as_boundary) +
         count_of(iam.users.users(), arn, as_boundary) +
         count_of(iam.users.groups(), arn, as_boundary);
}

Policy describe(const Iam& iam, const ManagedPolicy& policy) {
  Policy out;
  out.policy_name = policy.name;
  out.arn = policy.arn();
  out.path = policy.path;
  if (!policy.id.empty()) out.policy_id = policy.id;
  out.default_version_id = fmt::format("v{}", policy.default_version);
  out.is_attachable = true;
  out.attachment_count = count_of_all(iam, policy.arn(), false);
  out.permissions_boundary_usage_count = count_of_all(iam, policy.arn(), true);
  if (!policy.description.empty()) out.description = policy.description;
  if (!policy.of_aws()) {
    out.create_date = policy.created;
    out.update_date = policy.updated;
  }
  if (!policy.tags.empty()) out.tags = to_wire(policy.tags);
  return out;
}

PolicyVersion describe(const ManagedPolicy& policy, int number, bool with_text) {
  const ManagedPolicy::Version& version = policy.versions.at(number);
  PolicyVersion out;
  if (with_text) out.document = wire::percent_encode(version.text);
  out.version_id = fmt::format("v{}", number);
  out.is_default_version = number == policy.default_version;
  if (!policy.of_aws()) out.create_date = version.created;
  return out;
}

// Changes one of the account's, and all that it is attached to. Errors: NoSuchEntity, AccessDenied
// (one of AWS's), those of `change` and of ManagedPolicies.
template <class Change>
Task<Status> change_policy(Iam& iam, const std::string& arn, const Change& change) {
  const auto existing = [&](std::optional<ManagedPolicy>& there) -> Status {
    if (there) return change(there);
    TARN_CHECK(managed_policy(iam, arn));
    return Error("AccessDenied",
                 fmt::format("Policy {} is one of AWS's: it cannot be changed. "
                             "Make one of your own (CreatePolicy).",
                             arn),
                 403);
  };
  const auto work = [&]() -> Status {
    TARN_CHECK(iam.managed.change(arn, existing));
    TARN_CHECK(iam.roles.policy_changed(arn));
    return iam.users.policy_changed(arn);
  };
  co_return co_await iam.platform.tasks.offload(work);
}

bool is_in_scope(const ManagedPolicy& policy, const std::optional<std::string>& scope) {
  if (scope == "AWS") return policy.of_aws();
  if (scope == "Local") return !policy.of_aws();
  return true;
}

bool is_listed(const Iam& iam, const ManagedPolicy& policy, const ListPoliciesRequest& input) {
  if (!is_in_scope(policy, input.scope)) return false;
  if (!policy.path.starts_with(input.path_prefix.value_or("/"))) return false;
  const bool bounds = input.policy_usage_filter == "PermissionsBoundary";
  return !input.only_attached.value_or(false) || count_of_all(iam, policy.arn(), bounds) > 0;
}

}  // namespace

Task<Result<CreatePolicyResponse>> handle(CreatePolicy /*tag*/, Iam& iam, const Caller& caller,
                                          CreatePolicyRequest input) {
  TARN_CO_CHECK(check_size(input.policy_document));
  ManagedPolicy policy;
  policy.account = caller.account_id;
  policy.name = input.policy_name;
  policy.path = input.path.value_or("/");
  policy.id = new_id(iam.platform.random, "ANPA");
  policy.description = input.description.value_or("");
  policy.created = policy.updated = iam.platform.clock.now();
  policy.versions[1] = {input.policy_document, policy.created};
  TARN_CO_TRY(policy.tags, tags_of(caller, input.tags));
  const auto create = [&](std::optional<ManagedPolicy>& there) -> Status {
    if (there) {
      return Error("EntityAlreadyExists",
                   fmt::format("A policy called {} already exists. Duplicate names are not "
                               "allowed.",
                               policy.name));
    }
    there = policy;
    return {};
  };
  const auto work = [&] {
    return iam.managed.change(policy.arn(), create);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  CreatePolicyResponse out;
  out.policy = describe(iam, policy);
  co_return out;
}

Task<Result<GetPolicyResponse>> handle(GetPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                       GetPolicyRequest input) {
  TARN_CO_TRY(const auto found, managed_policy(iam, input.policy_arn));
  GetPolicyResponse out;
  out.policy = describe(iam, *found);
  co_return out;
}

Task<Result<ListPoliciesResponse>> handle(ListPolicies /*tag*/, Iam& iam, const Caller& /*caller*/,
                                          ListPoliciesRequest input) {
  std::vector<Policy> all;
  for (const auto& policy : iam.managed.all()) {
    if (is_listed(iam, *policy, input)) all.push_back(describe(iam, *policy));
  }
  ListPoliciesResponse out;
  TARN_CO_TRY(out.policies, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeletePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeletePolicyRequest input) {
  const auto remove = [&](std::optional<ManagedPolicy>& there) -> Status {
    if (count_of_all(iam, input.policy_arn, false) + count_of_all(iam, input.policy_arn, true) > 0)
      return Error("DeleteConflict", "Cannot delete a policy attached to entities.");
    if (there->versions.size() > 1) {
      return Error("DeleteConflict",
                   "This policy has more than one version. Before you delete a policy, you must "
                   "delete the policy's versions. The default version is deleted with the "
                   "policy.");
    }
    there.reset();
    return {};
  };
  TARN_CO_CHECK(co_await change_policy(iam, input.policy_arn, remove));
  co_return wire::Unit();
}

Task<Result<CreatePolicyVersionResponse>> handle(CreatePolicyVersion /*tag*/, Iam& iam,
                                                 const Caller& /*caller*/,
                                                 CreatePolicyVersionRequest input) {
  TARN_CO_CHECK(check_size(input.policy_document));
  CreatePolicyVersionResponse out;
  const auto add = [&](std::optional<ManagedPolicy>& there) -> Status {
    if (there->versions.size() >= kMostPolicyVersions) {
      return Error("LimitExceeded",
                   fmt::format("A managed policy can have up to {} versions. Before you create a "
                               "new version, you must delete an existing version.",
                               kMostPolicyVersions));
    }
    // Also one that is not the default must be a policy.
    TARN_CHECK(policy::Document::parse(input.policy_document, policy::Document::Kind::kIdentity));
    const int number = ++there->latest_version;
    there->updated = iam.platform.clock.now();
    there->versions[number] = {input.policy_document, there->updated};
    if (input.set_as_default.value_or(false)) there->default_version = number;
    out.policy_version = describe(*there, number, false);
    return {};
  };
  TARN_CO_CHECK(co_await change_policy(iam, input.policy_arn, add));
  co_return out;
}

Task<Result<GetPolicyVersionResponse>> handle(GetPolicyVersion /*tag*/, Iam& iam,
                                              const Caller& /*caller*/,
                                              GetPolicyVersionRequest input) {
  TARN_CO_TRY(const auto found, managed_policy(iam, input.policy_arn));
  TARN_CO_TRY(const int number, version_in(*found, input.version_id));
  GetPolicyVersionResponse out;
  out.policy_version = describe(*found, number, true);
  co_return out;
}

Task<Result<ListPolicyVersionsResponse>> handle(ListPolicyVersions /*tag*/, Iam& iam,
                                                const Caller& /*caller*/,
                                                ListPolicyVersionsRequest input) {
  TARN_CO_TRY(const auto found, managed_policy(iam, input.policy_arn));
  std::vector<PolicyVersion> all;
  for (auto each = found->versions.rbegin(); each != found->versions.rend(); ++each)
    all.push_back(describe(*found, each->first, false));
  ListPolicyVersionsResponse out;
  TARN_CO_TRY(out.versions, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(SetDefaultPolicyVersion /*tag*/, Iam& iam, const Caller& /*caller*/,
                                SetDefaultPolicyVersionRequest input) {
  const auto set = [&](std::optional<ManagedPolicy>& there) -> Status {
    TARN_TRY(there->default_version, version_in(*there, input.version_id));
    there->updated = iam.platform.clock.now();
    return {};
  };
  TARN_CO_CHECK(co_await change_policy(iam, input.policy_arn, set));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeletePolicyVersion /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeletePolicyVersionRequest input) {
  const auto remove = [&](std::optional<ManagedPolicy>& there) -> Status {
    TARN_TRY(const int number, version_in(*there, input.version_id));
    if (number == there->default_version)
      return Error("DeleteConflict", "Cannot delete the default version of a policy.");
    there->versions.erase(number);
    return {};
  };
  TARN_CO_CHECK(co_await change_policy(iam, input.policy_arn, remove));
  co_return wire::Unit();
}

Task<Result<ListEntitiesForPolicyResponse>> handle(ListEntitiesForPolicy /*tag*/, Iam& iam,
                                                   const Caller& /*caller*/,
                                                   ListEntitiesForPolicyRequest input) {
  TARN_CO_TRY(const auto found, managed_policy(iam, input.policy_arn));
  const std::string arn = found->arn();
  const auto is_listed_as = [&](const char* kind, const IdentityRecord& identity) {
    const bool wanted = !input.entity_filter || *input.entity_filter == kind;
    return wanted && identity.refers_to(arn) &&
           identity.path.starts_with(input.path_prefix.value_or("/"));
  };
  ListEntitiesForPolicyResponse out;
  out.policy_groups.emplace();
  out.policy_users.emplace();
  out.policy_roles.emplace();
  for (const auto& group : iam.users.groups()) {
    if (is_listed_as("Group", *group)) out.policy_groups->push_back({group->name, group->id});
  }
  for (const auto& user : iam.users.users()) {
    if (is_listed_as("User", *user)) out.policy_users->push_back({user->name, user->id});
  }
  for (const auto& role : iam.roles.roles()) {
    if (is_listed_as("Role", *role)) out.policy_roles->push_back({role->name, role->id});
  }
  out.is_truncated = false;
  co_return out;
}

}  // namespace tarn::iam
