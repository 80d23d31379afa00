// ClusterRecord and StepRecord: what the room knows of an EMR cluster and its steps.
//
// Place: services/emr. Threads: values of the control strand; kept in the store by record.h.
// Source of states and reason codes: https://docs.aws.amazon.com/emr/latest/APIReference/
// (API_ClusterStatus, API_ClusterStateChangeReason, API_StepStatus).
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "platform/clock.h"
#include "services/emr/api.h"

namespace tarn::emr {

// Steps that are neither done nor cancelled nor failed
// (https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-work-with-steps.html).
inline constexpr std::size_t kMostActiveSteps = 256;
// https://docs.aws.amazon.com/emr/latest/APIReference/API_AutoTerminationPolicy.html, in seconds.
inline constexpr std::int64_t kLeastIdleTimeout = 60;
inline constexpr std::int64_t kMostIdleTimeout = 604800;

// Names as on the wire, which are also those on disk.
namespace cluster_state = values::cluster_state;
namespace step_state = values::step_state;
namespace instance_state = values::instance_state;
namespace reason_code = values::cluster_state_change_reason_code;

struct Reason {
  std::string code;  // of reason_code; empty: none yet
  std::string message;
};

struct StepRecord {
  std::string id;  // "s-…"
  StepConfig config;
  std::string state{step_state::kPending};
  Timestamp created;
  std::optional<Timestamp> started;
  std::optional<Timestamp> ended;
  std::string why;         // it failed, was cancelled or interrupted; empty otherwise
  std::string last_words;  // the last line that a failed step wrote to stderr

  [[nodiscard]] bool active() const {
    return state == step_state::kPending || state == step_state::kRunning ||
           state == step_state::kCancelPending;
  }
  [[nodiscard]] std::string_view on_failure() const;
};

// An EC2 instance that a group or fleet has or had. Those that compute on one host share its
// worker.
struct Member {
  std::string id;          // "ci-…"
  std::string ec2_id;      // "i-…"
  std::string collection;  // id of its group or fleet
  std::string role;        // "MASTER", "CORE", "TASK"
  std::string type;        // "m7g.2xlarge"
  std::string market;      // "ON_DEMAND", "SPOT"

  std::string state{instance_state::kProvisioning};
  Reason reason;  // its code is of InstanceStateChangeReasonCode
  Timestamp created;
  std::optional<Timestamp> ready;
  std::optional<Timestamp> ended;
  // It goes once its share of the worker has been drained.
  bool leaving = false;
  // Of a Spot instance with an interruption's notice: when it is taken.
  std::optional<Timestamp> taken_at;

  [[nodiscard]] bool over() const { return state == instance_state::kTerminated; }
  // It is, or will be, part of what was asked for.
  [[nodiscard]] bool counts() const { return !over() && !leaving; }
};

// What is known of a group or fleet besides its configuration.
struct CollectionNote {
  Timestamp created;
  // Since when it has waited for Spot capacity.
  std::optional<Timestamp> short_since;
  // Units of its Spot target that On-Demand instances fill (SWITCH_TO_ON_DEMAND).
  int switched = 0;
  // A resize ran out of time: it has what it has until it is modified.
  bool suspended = false;
  std::string message;
};

// CPU and memory, as asked of EC2 or as this machine gives them.
struct Capacity {
  int vcpu = 0;
  std::int64_t memory_mib = 0;

  bool operator==(const Capacity&) const = default;
};

struct ClusterRecord {
  std::string id;  // "j-…"
  std::string account;
  std::string region;
  RunJobFlowInput request;  // as it came, without its steps
  std::string owner_arn;
  std::string access_key_id;  // of the cluster's own temporary keys
  std::string security;       // its security configuration as it was; empty: none
  std::string role_arn;       // whose they are: JobFlowRole's; empty: the owner's
  std::string address;        // of its primary node, of 127/8 or, on_hosts, this server's
  bool on_hosts = false;      // its workers are on hosts that have joined
  int port_shift = 0;         // its master's ports are so far from the usual ones
  Capacity asked;             // by the nodes that compute
  Capacity granted;
  std::vector<std::string> collections;  // ids of groups or fleets, in the request's order
  std::map<std::string, CollectionNote> collection_notes;  // by id
  std::vector<Member> members;
  std::optional<ManagedScalingPolicy> managed_scaling;

  std::string state{cluster_state::kStarting};
  Reason reason;
  Timestamp created;
  std::optional<Timestamp> ready;
  std::optional<Timestamp> ended;
  bool bootstrapped = false;  // its bootstrap actions have run
  bool with_errors = false;   // of kTerminating: how it will end

  bool keep_alive = false;
  bool termination_protected = false;
  bool visible_to_all = true;
  int step_concurrency = 1;
  std::optional<std::int64_t> idle_timeout_s;
  std::map<std::string, std::string> tags;

  std::vector<StepRecord> steps;  // oldest first

  // Of this server's life alone: what one executor can have, and the secret of Spark's
  // authentication (empty: none).
  Capacity worker;
  std::string secret;

  [[nodiscard]] bool over() const {
    return state == cluster_state::kTerminated || state == cluster_state::kTerminatedWithErrors;
  }
  // It takes steps and changes.
  [[nodiscard]] bool living() const { return !over() && state != cluster_state::kTerminating; }
  [[nodiscard]] std::size_t active_steps() const;
  [[nodiscard]] StepRecord* find_step(std::string_view step_id);
  [[nodiscard]] std::string arn() const {
    return make_arn("elasticmapreduce", region, account, "cluster/" + id);
  }
  // Where logs of this cluster go, ending in a slash; empty: nowhere.
  [[nodiscard]] std::string log_folder() const;
};

// The EC2 instance that is the primary node; the cluster's id before there is one.
[[nodiscard]] inline const std::string& instance_of(const ClusterRecord& cluster) {
  const auto found = std::find_if(
      cluster.members.begin(), cluster.members.end(),
      [](const Member& member) { return member.role == values::instance_role_type::kMaster; });
  return found == cluster.members.end() ? cluster.id : found->ec2_id;
}

inline std::string_view StepRecord::on_failure() const {
  const std::string_view asked = config.action_on_failure
                                     ? std::string_view(*config.action_on_failure)
                                     : values::action_on_failure::kTerminateCluster;
  return asked == values::action_on_failure::kTerminateJobFlow
             ? values::action_on_failure::kTerminateCluster
             : asked;
}

inline std::size_t ClusterRecord::active_steps() const {
  std::size_t count = 0;
  for (const StepRecord& step : steps) count += step.active() ? 1 : 0;
  return count;
}

inline StepRecord* ClusterRecord::find_step(std::string_view step_id) {
  for (StepRecord& step : steps) {
    if (step.id == step_id) return &step;
  }
  return nullptr;
}

inline std::string ClusterRecord::log_folder() const {
  std::string folder = request.log_uri.value_or("");
  if (folder.empty()) return folder;
  if (!folder.ends_with('/')) folder += '/';
  return folder + id + '/';
}

}  // namespace tarn::emr
