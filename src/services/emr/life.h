// Life: the state machine of one cluster, from STARTING to its end.
//
// Place: services/emr, under clusters.h; over node.h (Spark) and run.h (steps, bootstrap actions).
// Threads: the control strand only.
//
// It looks every EmrOptions::tick at what is there, decides what the cluster is by that, records a
// change in the store, and only then acts on it. So a server that was killed goes on where the
// record says: its clusters' processes died with it, and are started again.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/network.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "services/emr/cluster.h"
#include "services/emr/history_server.h"
#include "services/emr/hosts.h"
#include "services/emr/instance_types.h"
#include "services/emr/launch.h"
#include "services/emr/logs.h"
#include "services/emr/node.h"
#include "services/emr/notebooks.h"
#include "services/emr/orders.h"
#include "services/emr/run.h"
#include "services/emr/scaling.h"
#include "services/emr/ui_proxy.h"
#include "services/iam/credentials.h"
#include "services/iam/roles.h"
#include "store/journal.h"

namespace tarn::emr {

// What every life works with; outlives them.
struct Surroundings {
  platform::Platform platform;
  platform::Network& network;
  store::Journal& journal;
  iam::Credentials& credentials;
  const iam::Roles& roles;
  sandbox::Sandboxes& sandboxes;
  Logs& logs;
  gateway::Doors& doors;
  WarmDrivers& warm_drivers;
  const EmrOptions& options;
  const InstanceTypes& types;
  const SpotMarket& market;
  Hosts& hosts;
};

class Life {
 public:
  // Between a cancelled step's SIGTERM and its SIGKILL.
  static constexpr std::chrono::seconds kCancelPatience{10};
  // Between two looks at how large logs have become.
  static constexpr std::chrono::seconds kLogLook{5};
  // A cluster on hosts that none serves for so long ends.
  static constexpr std::chrono::minutes kHostPatience{10};

  // `cluster` is recorded already.
  Life(Surroundings surroundings, ClusterRecord cluster);

  // Ends when the cluster has ended, or after stop(); none of its processes is left then.
  [[nodiscard]] static Task<void> run(std::shared_ptr<Life> self);
  // After the server that ran it stopped or was killed: what it ran is gone.
  void recover();
  // The server stops: the cluster goes on with the next.
  void stop() { stopping_ = true; }

  [[nodiscard]] ClusterRecord& cluster() { return cluster_; }
  [[nodiscard]] const ClusterRecord& cluster() const { return cluster_; }

  // Its Livy server, once executors can be had; nullptr before, and where none was asked for.
  [[nodiscard]] const std::shared_ptr<Notebooks>& notebooks() const { return notebooks_; }

  // Which of its programs have pages.
  [[nodiscard]] ClusterPages pages() const;
  // Over the applications of the cluster; nullptr until executors could be had once.
  [[nodiscard]] const std::shared_ptr<HistoryServer>& history() const { return history_; }
  // Somebody looks at a page of the cluster's: it is in use.
  void note_ui_use() { ui_used_ = around_.platform.clock.monotonic(); }
  // Runs what is no step in the cluster, while it lives. `name` is also its folder. Errors:
  // kInvalid (no executors can be had), kIo, kDiskFull, kNotFound (no Python).
  [[nodiscard]] Task<Result<std::shared_ptr<Run>>> run_guest(std::string name, std::string order);

  // Writes what was changed through cluster(); steps by touch(). Where it fails, the change stands
  // and is written again at the next tick. Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> save();
  void touch() { changed_ = true; }
  void touch(const StepRecord& step);

  // From now on TERMINATING; nothing where it is already. To be saved.
  void terminate(std::string_view code, std::string message, bool with_errors);
  // A pending step is cancelled, a running one asked to end or, by force, ended. False: it is past
  // that. To be saved.
  bool cancel_step(StepRecord& step, bool by_force);
  // EC2 takes a Spot instance back after `notice`: `instance` (its EC2 or its own id), or where
  // that is empty the oldest that runs. Its EC2 id. To be saved. Errors: ValidationException (there
  // is none, it is On-Demand, or it has notice already).
  [[nodiscard]] Result<std::string> interrupt(std::string_view instance,
                                              std::chrono::seconds notice);

 private:
  Task<void> tick();
  Task<void> prepare_once();
  Status open_sandbox();
  Status find_keys();
  Task<void> renew_keys();
  Task<void> look_at_instances();
  Task<void> grant_shares();
  [[nodiscard]] Task<bool> record_grant(const Capacity& asked, const std::vector<Share>& shares);
  [[nodiscard]] std::vector<Share> split(const Capacity& asked);
  void place_instances(const std::vector<Share>& shares);
  void watch_hosts(bool any);
  [[nodiscard]] Result<std::unique_ptr<platform::Process>> start_worker(const WorkerPlan& plan);
  [[nodiscard]] std::string granted_of() const;
  Task<void> look_at_demand();
  void look_at_spot();
  void give_notice(Member& member, std::chrono::seconds notice);
  void settle_instances();
  void settle_instance(Member& member);
  void end_instance(Member& member);
  [[nodiscard]] std::string shortage() const;
  Task<void> advance();
  Task<void> bootstrap();
  Task<void> run_bootstrap_action(std::size_t number);
  Task<void> run_steps();
  Task<void> start_step(std::size_t place);
  void settle_steps();
  void settle_step(StepRecord& step, const Run& run);
  void act_on_failure(const StepRecord& step);
  void cancel_pending(std::string_view why);
  void enforce_cancels();
  void show(std::string_view state, std::string message);
  void open_notebooks();
  void open_history();
  [[nodiscard]] Task<void> close_history();
  [[nodiscard]] Task<void> close_notebooks();
  void watch_idle();
  [[nodiscard]] bool in_use() const;
  Task<void> finish();
  Task<void> end_runs();
  [[nodiscard]] LogTarget log_target(const std::string& place) const;
  Task<void> bound_logs();
  Task<void> send_node_logs();
  Task<void> close_sandbox();
  Task<void> clean_up();

  Surroundings around_;
  ClusterRecord cluster_;
  iam::Credential keys_;
  std::optional<sandbox::Sandbox> box_;  // of all its processes, from prepare_once() on
  std::unique_ptr<Node> node_;
  std::shared_ptr<Notebooks> notebooks_;
  std::string livy_trouble_;  // why its port is not open
  std::shared_ptr<HistoryServer> history_;
  std::vector<std::shared_ptr<Run>> guests_;
  int guests_starting_ = 0;
  std::chrono::nanoseconds ui_used_{0};
  std::map<std::string, std::shared_ptr<Run>> runs_;  // of steps, by their id
  std::shared_ptr<Run> bootstrap_run_;
  std::size_t bootstrap_done_ = 0;
  std::optional<std::chrono::nanoseconds> idle_since_;
  std::chrono::nanoseconds logs_bounded_at_{0};
  Scaler scaler_;
  std::int64_t spot_minute_ = 0;  // up to which the Spot market was asked
  // Of the hosts' shares: another one with each interruption. This machine's name is empty.
  std::map<std::string, int, std::less<>> generations_;
  std::map<std::string, std::string> placement_;  // instances' hosts, by their ids
  std::size_t placed_ = 0;
  std::vector<Share> shares_;
  Capacity split_for_;  // what shares_ were asked for
  std::optional<std::chrono::nanoseconds> without_host_since_;
  TrustStores trust_;  // for hosts
  bool changed_ = false;
  std::set<std::size_t> changed_steps_;
  bool stopping_ = false;
};

}  // namespace tarn::emr
