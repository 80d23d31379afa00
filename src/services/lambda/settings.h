// Settings: what a request says of a function, checked and put into its record.
//
// Place: services/lambda, between the wire's inputs and the functions. Threads: the control strand.
//
// Bounds: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
#pragma once

#include "base/result.h"
#include "services/lambda/api.h"
#include "services/lambda/service.h"

namespace tarn::lambda {

// Both inputs have these members; what is given replaces what is there. Errors:
// InvalidParameterValueException, NotImplemented (by the member's name), AccessDeniedException
// (iam:PassRole).
[[nodiscard]] Status apply(Lambda& lambda, const Caller& caller,
                           const UpdateFunctionConfigurationRequest& given, Version& version);

// The common members of a CreateFunctionRequest.
[[nodiscard]] UpdateFunctionConfigurationRequest configuration_of(
    const CreateFunctionRequest& given);

// The package that a request brings or names in a bucket, which is read with the caller's own
// permission; kept when it ends. Errors: InvalidParameterValueException, AccessDeniedException,
// NotImplemented (images), those of the store.
[[nodiscard]] Task<Result<Code>> take_code(Lambda& lambda, Caller caller, FunctionCode given);

}  // namespace tarn::lambda
