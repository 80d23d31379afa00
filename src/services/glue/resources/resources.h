// The resource types that stacks can make of AWS Glue.
//
// Place: services/glue/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::glue {

// AWS::Glue::Database. `calls` must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> database_type(
    const gateway::InProcess& calls);

}  // namespace tarn::glue
