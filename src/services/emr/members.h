// Members: the instances that a cluster's groups or fleets come to, as their targets move.
//
// Place: services/emr, under the request and the life of a cluster. Threads: pure functions but for
// their Random.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/random.h"
#include "services/emr/allocation.h"
#include "services/emr/cluster.h"

namespace tarn::emr {

// More than EC2 gives an account at its beginning; ListInstances tells them on one page.
inline constexpr int kMostInstances = 1000;

// A new id: "j", "s", "ig", "if", "ci" and 13 characters, or "i" and 17 hexadecimal digits, as EMR
// and EC2 form them.
[[nodiscard]] std::string new_id(platform::Random& random, std::string_view kind);

// MasterInstanceType, SlaveInstanceType and InstanceCount written as the groups they mean
// (https://docs.aws.amazon.com/emr/latest/APIReference/API_JobFlowInstancesConfig.html). Error:
// ValidationException (several forms at once, or none).
Status write_out_groups(JobFlowInstancesConfig& instances);

// Errors: ValidationException (an unknown type, no or a bad target, a bad time-out).
[[nodiscard]] Status check_group(const InstanceTypes& types, const InstanceGroupConfig& group);
[[nodiscard]] Status check_fleet(const InstanceTypes& types, const InstanceFleetConfig& fleet);
// All targets together, as they are now. Error: ValidationException (too many instances).
[[nodiscard]] Status check_size(const ClusterRecord& cluster);

// Fills collections and members of the cluster from its request. Errors: ValidationException (as
// above; no or several primary nodes), NotImplemented (three primary nodes).
Status add_members(const Supply& supply, ClusterRecord& cluster);
// Notes a group or fleet that the request has got as its last. Its id.
std::string add_collection(const Supply& supply, std::string_view kind, ClusterRecord& cluster);

// A change that the targets ask for.
struct Moves {
  bool any = false;
  // A fleet's launch ran out of time, and its TimeoutAction is TERMINATE_CLUSTER: why.
  std::string give_up;
};

// Adds the instances that targets lack, and marks those as leaving that are more. A fleet's target
// is reached or passed, never missed: where 2 units are left, an instance of 5 is still taken. What
// Spot does not offer is waited for, as long as the fleet says.
Moves follow_targets(const Supply& supply, ClusterRecord& cluster);

// Units of a fleet's instances of one market that count; of a group, instances.
[[nodiscard]] int units_of(const ClusterRecord& cluster, std::size_t collection,
                           std::string_view market);

// Executors run on the primary node only where nothing else is asked for.
[[nodiscard]] bool primary_computes(const ClusterRecord& cluster);
// What the nodes that compute ask for.
[[nodiscard]] Capacity tally(const InstanceTypes& types, const ClusterRecord& cluster);

}  // namespace tarn::emr
