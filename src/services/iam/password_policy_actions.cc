// UpdateAccountPasswordPolicy, GetAccountPasswordPolicy, DeleteAccountPasswordPolicy.
#include <utility>

#include <fmt/format.h>

#include "services/iam/actions.h"

namespace tarn::iam {
namespace {

Error no_password_policy(const std::string& account) {
  return {"NoSuchEntity",
          fmt::format("The Password Policy with domain name {} cannot be found.", account)};
}

Status refuse_rule(bool given, std::string_view rule, std::string_view why) {
  if (!given) return {};
  return Error(
      "NotImplemented",
      fmt::format("{} is not implemented by this version of tarn: {}. Leave it out.", rule, why));
}

Task<Result<wire::Unit>> set_password_policy(Iam& iam, std::optional<PasswordPolicyRecord> policy) {
  auto work = [&] {
    return iam.logins.set_policy(policy);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

}  // namespace

Task<Result<wire::Unit>> handle(UpdateAccountPasswordPolicy /*tag*/, Iam& iam,
                                const Caller& /*caller*/,
                                UpdateAccountPasswordPolicyRequest input) {
  TARN_CO_CHECK(refuse_rule(input.allow_users_to_change_password.value_or(false),
                            "AllowUsersToChangePassword",
                            "allow users iam:ChangePassword by a policy instead"));
  TARN_CO_CHECK(
      refuse_rule(input.max_password_age.has_value(), "MaxPasswordAge", "passwords do not expire"));
  TARN_CO_CHECK(
      refuse_rule(input.hard_expiry.value_or(false), "HardExpiry", "passwords do not expire"));
  TARN_CO_CHECK(refuse_rule(input.password_reuse_prevention.has_value(), "PasswordReusePrevention",
                            "earlier passwords are not kept"));
  PasswordPolicyRecord policy;
  policy.least_length = input.minimum_password_length.value_or(policy.least_length);
  policy.needs_symbols = input.require_symbols.value_or(false);
  policy.needs_numbers = input.require_numbers.value_or(false);
  policy.needs_uppercase = input.require_uppercase_characters.value_or(false);
  policy.needs_lowercase = input.require_lowercase_characters.value_or(false);
  std::optional<PasswordPolicyRecord> wanted = policy;
  co_return co_await set_password_policy(iam, wanted);
}

Task<Result<GetAccountPasswordPolicyResponse>> handle(GetAccountPasswordPolicy /*tag*/, Iam& iam,
                                                      const Caller& caller, wire::Unit /*input*/) {
  const auto policy = iam.logins.policy();
  if (!policy) co_return no_password_policy(caller.account_id);
  GetAccountPasswordPolicyResponse out;
  PasswordPolicy& told = out.password_policy;
  told.minimum_password_length = policy->least_length;
  told.require_symbols = policy->needs_symbols;
  told.require_numbers = policy->needs_numbers;
  told.require_uppercase_characters = policy->needs_uppercase;
  told.require_lowercase_characters = policy->needs_lowercase;
  told.allow_users_to_change_password = false;
  told.expire_passwords = false;
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteAccountPasswordPolicy /*tag*/, Iam& iam, const Caller& caller,
                                wire::Unit /*input*/) {
  if (!iam.logins.policy()) co_return no_password_policy(caller.account_id);
  std::optional<PasswordPolicyRecord> none;
  co_return co_await set_password_policy(iam, none);
}

}  // namespace tarn::iam
