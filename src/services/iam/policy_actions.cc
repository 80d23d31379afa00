// GetPolicy, GetPolicyVersion: of AWS's own policies.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/iam/actions.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

// Each policy is brought in one version.
constexpr const char* kOnlyVersion = "v1";

Result<const ManagedPolicy*> managed_policy(const Iam& iam, const std::string& arn) {
  const ManagedPolicy* found = iam.managed.find(arn);
  if (found == nullptr) return Error("NoSuchEntity", fmt::format("Policy {} was not found.", arn));
  return found;
}

}  // namespace

Task<Result<GetPolicyResponse>> handle(GetPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                       GetPolicyRequest input) {
  TARN_CO_TRY(const ManagedPolicy* found, managed_policy(iam, input.policy_arn));
  const auto roles = iam.roles.roles();
  Policy policy;
  policy.policy_name = found->name;
  policy.arn = found->arn;
  policy.path = found->path;
  policy.default_version_id = kOnlyVersion;
  policy.is_attachable = true;
  policy.attachment_count = static_cast<std::int32_t>(
      std::count_if(roles.begin(), roles.end(), [&](const Roles::Role& role) {
        return std::find(role->attached.begin(), role->attached.end(), found->arn) !=
               role->attached.end();
      }));
  GetPolicyResponse out;
  out.policy = std::move(policy);
  co_return out;
}

Task<Result<GetPolicyVersionResponse>> handle(GetPolicyVersion /*tag*/, Iam& iam,
                                              const Caller& /*caller*/,
                                              GetPolicyVersionRequest input) {
  TARN_CO_TRY(const ManagedPolicy* found, managed_policy(iam, input.policy_arn));
  if (input.version_id != kOnlyVersion) {
    co_return Error("NoSuchEntity", fmt::format("Policy {} version {} does not exist or is not "
                                                "attachable.",
                                                input.policy_arn, input.version_id));
  }
  PolicyVersion version;
  version.document = wire::percent_encode(found->document->text());
  version.version_id = kOnlyVersion;
  version.is_default_version = true;
  GetPolicyVersionResponse out;
  out.policy_version = std::move(version);
  co_return out;
}

}  // namespace tarn::iam
