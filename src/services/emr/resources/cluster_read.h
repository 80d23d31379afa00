// A cluster as a template would write it.
//
// Place: services/emr/resources, for AWS::EMR::Cluster. Threads: the control strand.
#pragma once

#include <optional>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::emr {

// What Fn::GetAtt gives, of what DescribeCluster tells.
[[nodiscard]] nlohmann::json cluster_attributes(const nlohmann::json& cluster);

// Nothing where it has ended. Errors: those of the actions that tell it.
[[nodiscard]] Task<Result<std::optional<cloudformation::PresentResource>>> read_cluster(
    const gateway::InProcess& calls, cloudformation::ResourceOrder order);

}  // namespace tarn::emr
