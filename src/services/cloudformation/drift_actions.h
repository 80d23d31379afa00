// The handlers of actions about drift.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/cloudformation/api.h"
#include "services/cloudformation/service.h"

namespace tarn::cloudformation {

Task<Result<DetectStackDriftOutput>> handle(DetectStackDrift, CloudFormation& room,
                                            const Caller& caller, DetectStackDriftInput input);
Task<Result<DescribeStackDriftDetectionStatusOutput>> handle(
    DescribeStackDriftDetectionStatus, CloudFormation& room, const Caller& caller,
    DescribeStackDriftDetectionStatusInput input);
Task<Result<DescribeStackResourceDriftsOutput>> handle(DescribeStackResourceDrifts,
                                                       CloudFormation& room, const Caller& caller,
                                                       DescribeStackResourceDriftsInput input);
Task<Result<DetectStackResourceDriftOutput>> handle(DetectStackResourceDrift, CloudFormation& room,
                                                    const Caller& caller,
                                                    DetectStackResourceDriftInput input);

}  // namespace tarn::cloudformation
