// The resource types that stacks can make of Amazon DynamoDB.
//
// Place: services/dynamodb/resources; src/tarn adds them to the service of stacks. Threads: the
// control strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "platform/clock.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::dynamodb {

// AWS::DynamoDB::Table. Both must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> table_type(
    const gateway::InProcess& calls, platform::Clock& clock);

}  // namespace tarn::dynamodb
