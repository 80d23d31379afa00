// Members: which instances a request's groups or fleets come to, and what they ask of a machine.
//
// Place: services/emr, under the request. Threads: pure functions but for their Random.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/random.h"
#include "services/emr/cluster.h"
#include "services/emr/instance_types.h"

namespace tarn::emr {

// A new id: "j", "s", "ig", "if", "ci" and 13 characters, or "i" and 17 hexadecimal digits, as EMR
// and EC2 form them.
[[nodiscard]] std::string new_id(platform::Random& random, std::string_view kind);

// MasterInstanceType, SlaveInstanceType and InstanceCount written as the groups they mean
// (https://docs.aws.amazon.com/emr/latest/APIReference/API_JobFlowInstancesConfig.html). Error:
// ValidationException (several forms at once, or none).
Status write_out_groups(JobFlowInstancesConfig& instances);

// Fills collections, members and `asked` of the cluster from its request. A fleet's target is
// reached or passed, never missed: where 2 units are left, an instance of 5 is still taken. Errors:
// ValidationException (no or several primary nodes, an unknown type, too many instances),
// NotImplemented (three primary nodes).
Status add_members(platform::Random& random, const InstanceTypes& types, ClusterRecord& cluster);

}  // namespace tarn::emr
