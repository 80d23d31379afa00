// The resource types that stacks can make of Amazon EMR.
//
// Place: services/emr/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "platform/clock.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::emr {

// AWS::EMR::Cluster, InstanceFleetConfig, InstanceGroupConfig, Step, SecurityConfiguration, Studio,
// StudioSessionMapping. Both must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> cluster_type(
    const gateway::InProcess& calls, platform::Clock& clock);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> instance_fleet_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> instance_group_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> step_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> security_configuration_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> studio_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> studio_session_mapping_type(
    const gateway::InProcess& calls);

}  // namespace tarn::emr
