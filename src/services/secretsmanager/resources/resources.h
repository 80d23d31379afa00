// The resource types that stacks can make of Secrets Manager.
//
// Place: services/secretsmanager/resources; src/tarn adds them to the service of stacks. Threads:
// the control strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::secretsmanager {

// AWS::SecretsManager::Secret. `calls` must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> secret_type(
    const gateway::InProcess& calls);

}  // namespace tarn::secretsmanager
