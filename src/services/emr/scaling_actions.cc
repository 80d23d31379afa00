// PutManagedScalingPolicy, GetManagedScalingPolicy, RemoveManagedScalingPolicy.
#include <utility>

#include "services/emr/actions.h"
#include "services/emr/request.h"
#include "services/emr/scaling.h"

namespace tarn::emr {

Task<Result<PutManagedScalingPolicyOutput>> handle(PutManagedScalingPolicy /*tag*/, EmrService& emr,
                                                   const Caller& caller,
                                                   PutManagedScalingPolicyInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  TARN_CO_CHECK(check_scaling(life->cluster(), input.managed_scaling_policy));
  life->cluster().managed_scaling = std::move(input.managed_scaling_policy);
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return PutManagedScalingPolicyOutput();
}

Task<Result<GetManagedScalingPolicyOutput>> handle(GetManagedScalingPolicy /*tag*/, EmrService& emr,
                                                   const Caller& caller,
                                                   GetManagedScalingPolicyInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  GetManagedScalingPolicyOutput out;
  out.managed_scaling_policy = life->cluster().managed_scaling;
  co_return out;
}

Task<Result<RemoveManagedScalingPolicyOutput>> handle(RemoveManagedScalingPolicy /*tag*/,
                                                      EmrService& emr, const Caller& caller,
                                                      RemoveManagedScalingPolicyInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  life->cluster().managed_scaling.reset();
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return RemoveManagedScalingPolicyOutput();
}

}  // namespace tarn::emr
