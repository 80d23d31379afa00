// The resource types that stacks can make of Amazon CloudWatch Logs.
//
// Place: services/logs/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::logs {

// AWS::Logs::LogGroup, AWS::Logs::LogStream. `calls` must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> log_group_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> log_stream_type(
    const gateway::InProcess& calls);

}  // namespace tarn::logs
