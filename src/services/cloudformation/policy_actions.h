// The handlers of actions about stack policies.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "services/cloudformation/api.h"
#include "services/cloudformation/service.h"

namespace tarn::cloudformation {

// A policy, given as a text or by the URL of an object, checked; empty where neither is given.
// Errors: ValidationError (both, no such object, no policy); AccessDenied.
[[nodiscard]] Task<Result<std::string>> read_policy(const CloudFormation& room, Caller caller,
                                                    std::optional<std::string> body,
                                                    std::optional<std::string> url);

Task<Result<wire::Unit>> handle(SetStackPolicy, CloudFormation& room, const Caller& caller,
                                SetStackPolicyInput input);
Task<Result<GetStackPolicyOutput>> handle(GetStackPolicy, CloudFormation& room,
                                          const Caller& caller, GetStackPolicyInput input);

}  // namespace tarn::cloudformation
