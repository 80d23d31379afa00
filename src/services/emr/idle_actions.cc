// PutAutoTerminationPolicy, GetAutoTerminationPolicy, RemoveAutoTerminationPolicy.
#include <utility>

#include "services/emr/actions.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// What a policy without IdleTimeout means
// (https://docs.aws.amazon.com/emr/latest/APIReference/API_AutoTerminationPolicy.html tells none):
// an hour, as the console proposes.
constexpr std::int64_t kUsualIdleTimeout = 3600;

}  // namespace

Task<Result<PutAutoTerminationPolicyOutput>> handle(PutAutoTerminationPolicy /*tag*/,
                                                    EmrService& emr, const Caller& caller,
                                                    PutAutoTerminationPolicyInput input) {
  TARN_CO_CHECK(check_idle_timeout(input.auto_termination_policy));
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  const auto asked = input.auto_termination_policy ? input.auto_termination_policy->idle_timeout
                                                   : std::optional<std::int64_t>();
  life->cluster().idle_timeout_s = asked.value_or(kUsualIdleTimeout);
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return PutAutoTerminationPolicyOutput();
}

Task<Result<GetAutoTerminationPolicyOutput>> handle(GetAutoTerminationPolicy /*tag*/,
                                                    EmrService& emr, const Caller& caller,
                                                    GetAutoTerminationPolicyInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  GetAutoTerminationPolicyOutput out;
  if (life->cluster().idle_timeout_s) {
    out.auto_termination_policy.emplace().idle_timeout = life->cluster().idle_timeout_s;
  }
  co_return out;
}

Task<Result<RemoveAutoTerminationPolicyOutput>> handle(RemoveAutoTerminationPolicy /*tag*/,
                                                       EmrService& emr, const Caller& caller,
                                                       RemoveAutoTerminationPolicyInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  life->cluster().idle_timeout_s.reset();
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return RemoveAutoTerminationPolicyOutput();
}

}  // namespace tarn::emr
