// GetKeyPolicy, PutKeyPolicy, ListKeyPolicies.
#include <utility>

#include "services/kms/actions.h"
#include "services/kms/faults.h"
#include "services/kms/policies.h"
#include "services/kms/request.h"

namespace tarn::kms {
namespace {

// The only name there is
// (https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html).
constexpr std::string_view kPolicyName = "default";

Status check_name(const std::optional<std::string>& name, const Key& key) {
  if (!name || *name == kPolicyName) return {};
  return Error("NotFoundException",
               "No such policy exists: " + key.arn() + " has the policy \"default\" only");
}

}  // namespace

Task<Result<GetKeyPolicyResponse>> handle(GetKeyPolicy, KmsService& kms, const Caller& caller,
                                          GetKeyPolicyRequest input) {
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, input.key_id));
  TARN_CO_CHECK(check_name(input.policy_name, *key));
  GetKeyPolicyResponse out;
  out.policy = key->policy;
  out.policy_name = kPolicyName;
  co_return out;
}

Task<Result<wire::Unit>> handle(PutKeyPolicy, KmsService& kms, const Caller& caller,
                                PutKeyPolicyRequest input) {
  TARN_CO_CHECK(
      check_policy(input.policy, caller, input.bypass_policy_lockout_safety_check.value_or(false)));
  std::function<Status(Key&)> edit = [&input](Key& key) -> Status {
    TARN_CHECK(check_name(input.policy_name, key));
    TARN_CHECK(changeable(key));
    key.policy = input.policy;
    return {};
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, input.key_id, std::move(edit)));
  co_return wire::Unit();
}

Task<Result<ListKeyPoliciesResponse>> handle(ListKeyPolicies, KmsService& kms, const Caller& caller,
                                             ListKeyPoliciesRequest input) {
  TARN_CO_CHECK(find_named(kms, caller, input.key_id));
  ListKeyPoliciesResponse out;
  out.policy_names.emplace().emplace_back(kPolicyName);
  out.truncated = false;
  co_return out;
}

}  // namespace tarn::kms
