#include "services/sts/session.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "services/sts/session_policy.h"
#include "wire/encoding.h"

namespace tarn::sts {
namespace {

using std::chrono::seconds;

constexpr seconds kDefaultDuration{12 * 3600};
constexpr seconds kMostForRoot{3600};
// A session policy's characters, of which PackedPolicySize is the part in percent.
constexpr std::size_t kMostPolicyBytes = 2048;

seconds own_duration(const Caller& caller, const std::optional<std::int32_t>& asked) {
  const seconds duration = asked ? seconds(*asked) : kDefaultDuration;
  return caller.kind == Caller::Kind::kRoot ? std::min(duration, kMostForRoot) : duration;
}

// The caller's own long-lived keys. Error: AccessDenied.
Result<iam::Credential> owner_of(const Sts& sts, const Caller& caller, std::string_view action) {
  auto owner = sts.credentials.find(caller.access_key_id);
  if (!owner || !owner->session_token.empty()) {
    return Error("AccessDenied", fmt::format("Cannot call {} with session credentials", action));
  }
  return std::move(*owner);
}

Error not_here(std::string_view what, std::string_view why) {
  return {"NotImplemented",
          fmt::format("{} is not implemented by this version of tarn: {}", what, why), 501};
}

Status check(const GetFederationTokenRequest& input) {
  if (input.minimum_session_token_size)
    return not_here("MinimumSessionTokenSize", "all tokens have one size. Leave it out.");
  return {};
}

// Error: ValidationError, where two tags have one name but for its case.
Result<std::map<std::string, std::string>> tags_of(const GetFederationTokenRequest& input) {
  std::map<std::string, std::string> out;
  if (!input.tags) return out;
  for (const auto& tag : *input.tags) {
    for (const auto& [name, value] : out) {
      if (wire::equals_ignoring_case(name, tag.key)) {
        return Error("InvalidParameterValue",
                     "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                     400);
      }
    }
    out.emplace(tag.key, tag.value);
  }
  return out;
}

std::int32_t packed_percent(const GetFederationTokenRequest& input) {
  std::size_t bytes = input.policy ? input.policy->size() : 0;
  if (input.tags) {
    for (const auto& tag : *input.tags) bytes += tag.key.size() + tag.value.size();
  }
  return static_cast<std::int32_t>((bytes * 100 + kMostPolicyBytes - 1) / kMostPolicyBytes);
}

}  // namespace

Credentials to_wire(const iam::Credential& issued) {
  Credentials out;
  out.access_key_id = issued.access_key_id;
  out.secret_access_key = issued.secret_access_key;
  out.session_token = issued.session_token;
  out.expiration = *issued.expires;
  return out;
}

Task<Result<GetCallerIdentityResponse>> handle(GetCallerIdentity /*tag*/, Sts& /*sts*/,
                                               const Caller& caller,
                                               GetCallerIdentityRequest /*input*/) {
  GetCallerIdentityResponse output;
  output.user_id = caller.user_id;
  output.account = caller.account_id;
  output.arn = caller.arn;
  co_return output;
}

Task<Result<GetAccessKeyInfoResponse>> handle(GetAccessKeyInfo /*tag*/, Sts& sts,
                                              const Caller& /*caller*/,
                                              GetAccessKeyInfoRequest input) {
  const auto found = sts.credentials.find(input.access_key_id);
  if (!found) {
    co_return Error(
        "ValidationError",
        fmt::format("The access key id '{}' is of no account of this server.", input.access_key_id),
        400);
  }
  GetAccessKeyInfoResponse output;
  output.account = found->account_id;
  co_return output;
}

Task<Result<GetSessionTokenResponse>> handle(GetSessionToken /*tag*/, Sts& sts,
                                             const Caller& caller, GetSessionTokenRequest input) {
  if (input.serial_number || input.token_code) {
    co_return Error("NotImplemented",
                    "SerialNumber is not implemented by this version of tarn: nobody signs in with "
                    "a second factor here. Leave it out.",
                    501);
  }
  TARN_CO_TRY(const auto owner, owner_of(sts, caller, "GetSessionToken"));
  const seconds duration = own_duration(caller, input.duration_seconds);
  auto issued =
      co_await sts.tasks.offload([&] { return sts.credentials.issue_session(owner, duration); });
  if (!issued.ok()) co_return std::move(issued).error();
  GetSessionTokenResponse output;
  output.credentials = to_wire(*issued);
  co_return output;
}

Task<Result<GetFederationTokenResponse>> handle(GetFederationToken /*tag*/, Sts& sts,
                                                const Caller& caller,
                                                GetFederationTokenRequest input) {
  TARN_CO_TRY(const auto owner, owner_of(sts, caller, "GetFederationToken"));
  TARN_CO_CHECK(check(input));
  TARN_CO_TRY(const auto policy, session_policy(sts.managed, input.policy, input.policy_arns));
  TARN_CO_TRY(const auto tags, tags_of(input));
  const seconds duration = own_duration(caller, input.duration_seconds);
  auto issued = co_await sts.tasks.offload(
      [&] { return sts.credentials.issue_federated(owner, duration, input.name, policy, tags); });
  if (!issued.ok()) co_return std::move(issued).error();
  FederatedUser user;
  user.arn = issued->arn;
  user.federated_user_id = issued->user_id;
  GetFederationTokenResponse output;
  output.credentials = to_wire(*issued);
  output.federated_user = std::move(user);
  output.packed_policy_size = packed_percent(input);
  co_return output;
}

}  // namespace tarn::sts
