// The resource types that stacks can make of the Parameter Store.
//
// Place: services/ssm/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::ssm {

// AWS::SSM::Parameter. `calls` must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> parameter_type(
    const gateway::InProcess& calls);

}  // namespace tarn::ssm
