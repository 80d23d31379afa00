// The resource types that stacks can make of IAM.
//
// Place: services/iam/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::iam {

// AWS::IAM::Role, InstanceProfile, ManagedPolicy, Policy. `calls` must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> role_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> instance_profile_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> managed_policy_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> inline_policy_type(
    const gateway::InProcess& calls);

}  // namespace tarn::iam
