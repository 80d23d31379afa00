#include "services/iam/login_profiles.h"

#include <utility>

#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::iam {
namespace {

using nlohmann::json;

constexpr std::string_view kProfilePrefix = "login-profile/";
constexpr std::string_view kPolicyKey = "password-policy";

std::string encode_profile(const LoginProfileRecord& profile) {
  const json members = {{"account", profile.account},
                        {"name", profile.name},
                        {"created", profile.created.ms},
                        {"reset_required", profile.reset_required},
                        {"salt", wire::to_base64(profile.password.salt)},
                        {"rounds", profile.password.rounds},
                        {"hash", wire::to_base64(profile.password.bytes)}};
  return to_record(members, false);
}

Result<LoginProfileRecord> decode_profile(std::string_view record) {
  TARN_TRY(const json members, members_from(record, "login profile"));
  LoginProfileRecord out;
  out.account = members.value("account", "");
  out.name = members.value("name", "");
  out.created.ms = members.value("created", std::int64_t{0});
  out.reset_required = members.value("reset_required", false);
  out.password.salt = wire::from_base64(members.value("salt", "")).value_or("");
  out.password.rounds = members.value("rounds", std::int32_t{0});
  out.password.bytes = wire::from_base64(members.value("hash", "")).value_or("");
  return out;
}

Status nothing_to_compile(LoginProfileRecord& /*profile*/) {
  return {};
}

std::string encode_password_policy(const PasswordPolicyRecord& policy) {
  const json members = {{"least_length", policy.least_length},
                        {"symbols", policy.needs_symbols},
                        {"numbers", policy.needs_numbers},
                        {"uppercase", policy.needs_uppercase},
                        {"lowercase", policy.needs_lowercase}};
  return to_record(members, false);
}

Result<PasswordPolicyRecord> decode_password_policy(std::string_view record) {
  TARN_TRY(const json members, members_from(record, "password policy"));
  PasswordPolicyRecord out;
  out.least_length = members.value("least_length", out.least_length);
  out.needs_symbols = members.value("symbols", false);
  out.needs_numbers = members.value("numbers", false);
  out.needs_uppercase = members.value("uppercase", false);
  out.needs_lowercase = members.value("lowercase", false);
  return out;
}

}  // namespace

LoginProfiles::LoginProfiles(store::Store& store)
    : store_(store),
      profiles_(store, {kProfilePrefix, &encode_profile, &decode_profile, &nothing_to_compile}) {}

Status LoginProfiles::load() {
  TARN_TRY(const auto record, store_.get(store::Space::kIam, kPolicyKey));
  if (record) {
    TARN_TRY(policy_, decode_password_policy(*record));
  }
  return profiles_.load();
}

std::optional<PasswordPolicyRecord> LoginProfiles::policy() const {
  const std::lock_guard lock(mutex_);
  return policy_;
}

Status LoginProfiles::set_policy(std::optional<PasswordPolicyRecord> policy) {
  store::Batch batch;
  if (policy) {
    batch.put(store::Space::kIam, std::string(kPolicyKey), encode_password_policy(*policy));
  } else {
    batch.remove(store::Space::kIam, std::string(kPolicyKey));
  }
  const std::lock_guard lock(mutex_);
  TARN_CHECK(store_.commit(batch));
  policy_ = policy;
  return {};
}

}  // namespace tarn::iam
