// The handler of SignalResource.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/cloudformation/api.h"
#include "services/cloudformation/service.h"

namespace tarn::cloudformation {

Task<Result<wire::Unit>> handle(SignalResource, CloudFormation& room, const Caller& caller,
                                SignalResourceInput input);

}  // namespace tarn::cloudformation
