// The resource types that stacks can make of AWS Lambda.
//
// Place: services/lambda/resources; src/tarn adds them to the service of stacks. Threads: the
// control strand.
#pragma once

#include <memory>
#include <vector>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::lambda {

// AWS::Lambda::Function, Version, Alias, Permission. `calls` must live on.
[[nodiscard]] std::vector<std::unique_ptr<cloudformation::ResourceType>> resource_types(
    const gateway::InProcess& calls);

[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> function_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> version_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> alias_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> permission_type(
    const gateway::InProcess& calls);

}  // namespace tarn::lambda
