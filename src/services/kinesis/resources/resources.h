// The resource types that stacks can make of Amazon Kinesis.
//
// Place: services/kinesis/resources; src/tarn adds them to the service of stacks. Threads: the
// control strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "platform/clock.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::kinesis {

// AWS::Kinesis::Stream, AWS::Kinesis::StreamConsumer. Both must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> stream_type(
    const gateway::InProcess& calls, platform::Clock& clock);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> stream_consumer_type(
    const gateway::InProcess& calls, platform::Clock& clock);

}  // namespace tarn::kinesis
