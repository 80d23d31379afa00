// GetClusterSessionCredentials.
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// AWS does not tell how long; a client asks for others when they have ended.
constexpr std::chrono::hours kSessionCredentialLife{1};

}  // namespace

// On AWS they are for the endpoints of clusters with runtime roles; here for every cluster's Livy,
// which takes them by HTTP Basic as it takes other temporary keys.
Task<Result<GetClusterSessionCredentialsOutput>> handle(GetClusterSessionCredentials /*tag*/,
                                                        EmrService& emr, const Caller& caller,
                                                        GetClusterSessionCredentialsInput input) {
  TARN_CO_CHECK(refuse(input.execution_role_arn.has_value(), "ExecutionRoleArn"));
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  if (!Notebooks::wanted(life->cluster())) {
    co_return Error("InvalidRequestException",
                    fmt::format("Cluster {} has no Livy, whose credentials these would be.",
                                life->cluster().id));
  }
  const auto owner = emr.credentials().find(caller.access_key_id);
  if (!owner) co_return Error("InvalidRequestException", "The access key of this request is gone.");
  const auto issue = [&] {
    return emr.credentials().issue_session(*owner, kSessionCredentialLife);
  };
  TARN_CO_TRY(const iam::Credential keys, co_await emr.platform().tasks.offload(issue));
  GetClusterSessionCredentialsOutput out;
  UsernamePassword& pair = out.credentials.emplace().username_password.emplace();
  pair.username = keys.access_key_id;
  pair.password = keys.secret_access_key + ":" + keys.session_token;
  out.expires_at = keys.expires;
  co_return out;
}

}  // namespace tarn::emr
