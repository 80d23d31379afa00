// CostResources: the resources of a template or of a stack, with their properties evaluated, for
// what they would cost.
//
// Place: tarn; a template by CloudFormation's own engine, a stack by its events. Threads: the main
// thread's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cost/resource_usage.h"
#include "tarn/aws_calls.h"

namespace tarn::app {

// Of a template, those whose conditions hold; references between resources stand as their names.
// One that cannot be evaluated without being made (a macro) is told in `not_counted`. Errors:
// ValidationError of the template or its parameters.
[[nodiscard]] Result<std::vector<cost::Resource>> resources_of_template(
    const std::string& text, const std::map<std::string, std::string>& parameters,
    std::vector<std::string>& not_counted);

// Of a stack that is there, and of those that it has made. Errors: ValidationError (no such stack);
// kIo.
[[nodiscard]] Result<std::vector<cost::Resource>> resources_of_stack(const AwsCalls& calls,
                                                                     const std::string& name);

}  // namespace tarn::app
