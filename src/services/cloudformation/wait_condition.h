// AWS::CloudFormation::WaitCondition and AWS::CloudFormation::WaitConditionHandle.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include <memory>

#include "platform/clock.h"
#include "services/cloudformation/resource_type.h"
#include "services/cloudformation/signals.h"

namespace tarn::cloudformation {

// Both must live on. A condition ends with as many successes as its Count, or its CreationPolicy,
// wants; at the first failure, or after its Timeout, it fails.
[[nodiscard]] std::unique_ptr<ResourceType> wait_condition_type(Signals& signals,
                                                                platform::Clock& clock);
// Its Ref is the URL.
[[nodiscard]] std::unique_ptr<ResourceType> wait_condition_handle_type(Signals& signals);

}  // namespace tarn::cloudformation
