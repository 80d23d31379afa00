#include "services/sts/session.h"

#include <algorithm>
#include <chrono>

namespace tarn::sts {
namespace {

using std::chrono::seconds;

constexpr seconds kDefaultDuration{12 * 3600};
constexpr seconds kMostForRoot{3600};

}  // namespace

Task<Result<GetCallerIdentityResponse>> handle(GetCallerIdentity /*tag*/, Sts& /*sts*/,
                                               const Caller& caller,
                                               GetCallerIdentityRequest /*input*/) {
  GetCallerIdentityResponse output;
  output.user_id = caller.user_id;
  output.account = caller.account_id;
  output.arn = caller.arn;
  co_return output;
}

Task<Result<GetSessionTokenResponse>> handle(GetSessionToken /*tag*/, Sts& sts,
                                             const Caller& caller, GetSessionTokenRequest input) {
  const auto owner = sts.credentials.find(caller.access_key_id);
  if (!owner || !owner->session_token.empty()) {
    co_return Error("AccessDenied", "Cannot call GetSessionToken with session credentials");
  }
  seconds duration = input.duration_seconds ? seconds(*input.duration_seconds) : kDefaultDuration;
  if (caller.kind == Caller::Kind::kRoot) duration = std::min(duration, kMostForRoot);
  auto issued =
      co_await sts.tasks.offload([&] { return sts.credentials.issue_session(*owner, duration); });
  if (!issued.ok()) co_return std::move(issued).error();
  Credentials credentials;
  credentials.access_key_id = issued->access_key_id;
  credentials.secret_access_key = issued->secret_access_key;
  credentials.session_token = issued->session_token;
  credentials.expiration = *issued->expires;
  GetSessionTokenResponse output;
  output.credentials = std::move(credentials);
  co_return output;
}

}  // namespace tarn::sts
