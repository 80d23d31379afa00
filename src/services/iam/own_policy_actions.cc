// CreatePolicy, DeletePolicy, CreatePolicyVersion, DeletePolicyVersion, SetDefaultPolicyVersion,
// ListPolicyVersions: of the account's own policies.
#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "services/iam/actions.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: without white space.
constexpr std::size_t kMostPolicyBytes = 6144;
constexpr std::size_t kMostOwnPolicies = 1500;

Status check_policy_size(const std::string& text) {
  const auto size = static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) == 0; }));
  if (size <= kMostPolicyBytes) return {};
  return Error("LimitExceeded",
               fmt::format("Cannot exceed quota for PolicySize: {}", kMostPolicyBytes));
}

Error no_such_own_policy(const std::string& arn) {
  return {"NoSuchEntity", fmt::format("Policy {} was not found.", arn)};
}

// Changes a policy that must be there. Errors: NoSuchEntity, those of `change` and of Roles.
template <class Change>
Task<Status> change_own(Iam& iam, const std::string& arn, const Change& change) {
  const Roles::OwnPolicy there = iam.roles.find_policy(arn);
  if (there == nullptr) co_return no_such_own_policy(arn);
  const auto existing = [&](std::optional<OwnPolicyRecord>& policy) -> Status {
    return policy ? change(policy) : Status(no_such_own_policy(arn));
  };
  const auto work = [&] {
    return iam.roles.change_policy(there->name, existing);
  };
  co_return co_await iam.platform.tasks.offload(work);
}

}  // namespace

Result<int> version_number(const OwnPolicyRecord& policy, const std::string& version) {
  for (const auto& [number, each] : policy.versions) {
    if (version == fmt::format("v{}", number)) return number;
  }
  return Error("NoSuchEntity",
               fmt::format("Policy {} version {} does not exist.", policy.arn(), version));
}

PolicyVersion to_wire(const OwnPolicyRecord& policy, int number, bool with_text) {
  const PolicyVersionRecord& version = policy.versions.at(number);
  PolicyVersion out;
  if (with_text) out.document = wire::percent_encode(version.text);
  out.version_id = fmt::format("v{}", number);
  out.is_default_version = number == policy.default_version;
  out.create_date = version.created;
  return out;
}

Task<Result<CreatePolicyResponse>> handle(CreatePolicy /*tag*/, Iam& iam, const Caller& caller,
                                          CreatePolicyRequest input) {
  TARN_CO_CHECK(check_policy_size(input.policy_document));
  OwnPolicyRecord policy;
  policy.account = caller.account_id;
  policy.name = input.policy_name;
  policy.path = input.path.value_or("/");
  policy.id = new_id(iam.platform.random, "ANPA");
  policy.description = input.description.value_or("");
  policy.created = iam.platform.clock.now();
  policy.updated = policy.created;
  policy.versions[1] = {input.policy_document, policy.created};
  policy.next_version = 2;
  TARN_CO_TRY(policy.tags, tags_of(input.tags));
  if (iam.roles.policies().size() >= kMostOwnPolicies) {
    co_return Error("LimitExceeded", fmt::format("Cannot exceed quota for PoliciesPerAccount: {}",
                                                 kMostOwnPolicies));
  }
  const auto create = [&](std::optional<OwnPolicyRecord>& there) -> Status {
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
    return iam.roles.change_policy(policy.name, create);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  CreatePolicyResponse out;
  out.policy = to_wire(iam, policy);
  co_return out;
}

Task<Result<wire::Unit>> handle(DeletePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeletePolicyRequest input) {
  const auto remove = [&](std::optional<OwnPolicyRecord>& policy) -> Status {
    for (const Roles::Role& role : iam.roles.roles()) {
      const auto& attached = role->attached;
      if (std::find(attached.begin(), attached.end(), policy->arn()) != attached.end())
        return Error("DeleteConflict", "Cannot delete a policy attached to entities.");
    }
    if (policy->versions.size() > 1) {
      return Error("DeleteConflict",
                   "This policy has more than one version. Before you delete a policy, you must "
                   "delete the policy's versions. The default version is deleted with the policy.");
    }
    policy.reset();
    return {};
  };
  TARN_CO_CHECK(co_await change_own(iam, input.policy_arn, remove));
  co_return wire::Unit();
}

Task<Result<CreatePolicyVersionResponse>> handle(CreatePolicyVersion /*tag*/, Iam& iam,
                                                 const Caller& /*caller*/,
                                                 CreatePolicyVersionRequest input) {
  TARN_CO_CHECK(check_policy_size(input.policy_document));
  // The policy engine must be able to read it, default or not.
  TARN_CO_TRY(const auto read,
              policy::Document::parse(input.policy_document, policy::Document::Kind::kIdentity));
  const Timestamp now = iam.platform.clock.now();
  CreatePolicyVersionResponse out;
  const auto add = [&](std::optional<OwnPolicyRecord>& policy) -> Status {
    if (policy->versions.size() >= kMostPolicyVersions) {
      return Error("LimitExceeded",
                   fmt::format("A managed policy can have up to {} versions. Before you create a "
                               "new version, you must delete an existing version.",
                               kMostPolicyVersions));
    }
    const int number = policy->next_version++;
    policy->versions[number] = {input.policy_document, now};
    policy->updated = now;
    if (input.set_as_default.value_or(false)) policy->default_version = number;
    out.policy_version = to_wire(*policy, number, false);
    return {};
  };
  TARN_CO_CHECK(co_await change_own(iam, input.policy_arn, add));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeletePolicyVersion /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeletePolicyVersionRequest input) {
  const auto remove = [&](std::optional<OwnPolicyRecord>& policy) -> Status {
    TARN_TRY(const int number, version_number(*policy, input.version_id));
    if (number == policy->default_version)
      return Error("DeleteConflict", "Cannot delete the default version of a policy.");
    policy->versions.erase(number);
    return {};
  };
  TARN_CO_CHECK(co_await change_own(iam, input.policy_arn, remove));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(SetDefaultPolicyVersion /*tag*/, Iam& iam, const Caller& /*caller*/,
                                SetDefaultPolicyVersionRequest input) {
  const Timestamp now = iam.platform.clock.now();
  const auto set = [&](std::optional<OwnPolicyRecord>& policy) -> Status {
    TARN_TRY(policy->default_version, version_number(*policy, input.version_id));
    policy->updated = now;
    return {};
  };
  TARN_CO_CHECK(co_await change_own(iam, input.policy_arn, set));
  co_return wire::Unit();
}

Task<Result<ListPolicyVersionsResponse>> handle(ListPolicyVersions /*tag*/, Iam& iam,
                                                const Caller& /*caller*/,
                                                ListPolicyVersionsRequest input) {
  const Roles::OwnPolicy policy = iam.roles.find_policy(input.policy_arn);
  if (policy == nullptr) co_return no_such_own_policy(input.policy_arn);
  std::vector<PolicyVersion> all;
  for (auto each = policy->versions.rbegin(); each != policy->versions.rend(); ++each)
    all.push_back(to_wire(*policy, each->first, false));
  ListPolicyVersionsResponse out;
  TARN_CO_TRY(out.versions, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

}  // namespace tarn::iam
