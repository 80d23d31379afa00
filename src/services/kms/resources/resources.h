// The resource types that stacks can make of AWS KMS.
//
// Place: services/kms/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::kms {

// AWS::KMS::Key, AWS::KMS::Alias. `calls` must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> key_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> alias_type(
    const gateway::InProcess& calls);

}  // namespace tarn::kms
