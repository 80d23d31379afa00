// Workers: the Spark workers of one cluster, one that serves on each host, kept running.
//
// Place: services/emr, under node.h. Threads: the control strand only.
//
// A worker whose share has changed, or whose instance is taken, is replaced: the new one registers
// first, then the old is decommissioned (Spark's own: it takes no new executors, tasks that run
// come to their end, blocks move to others), and ends once its executors have gone. Where a host
// cannot have two, the old one goes first. Source:
// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-scaledown-behavior.html (what a person
// expects), https://spark.apache.org/docs/4.0.0/configuration.html#standalone (decommission)
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/network.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "services/emr/cluster.h"
#include "services/emr/master_page.h"

namespace tarn::emr {

// What a host is to give a cluster.
struct Share {
  std::string host;  // empty: this machine
  Capacity capacity;
  int generation = 0;  // another one: the worker is replaced, however large it is

  bool operator==(const Share&) const = default;
};

// What a worker is started with.
struct WorkerPlan {
  Share share;
  std::string address;  // which it calls itself by
  std::uint16_t page_port = 8081;
};

class Workers {
 public:
  // A host's worker that ended more often than this within kDeathWindow is given up.
  static constexpr std::size_t kMostDeaths = 3;
  static constexpr std::chrono::minutes kDeathWindow{10};
  // From a new worker's registration to the old one's decommissioning, where applications run: they
  // take an executor on the new one, to which blocks can move.
  static constexpr std::chrono::seconds kSettleTime{6};

  using Start = std::function<Result<std::unique_ptr<platform::Process>>(const WorkerPlan&)>;

  // `address` is the master's; workers of this machine are there and at addresses made from it.
  // `page_port` is of the master's page.
  Workers(platform::Platform& platform, platform::Network& network,
          const sandbox::Sandboxes& sandboxes, std::string address, std::uint16_t page_port,
          Start start);

  // Which shares are wanted from now on.
  void want(std::vector<Share> shares) { wanted_ = std::move(shares); }
  // What is drained on `host` ends by then (of Clock::monotonic), done or not.
  void hurry(std::string_view host, std::chrono::nanoseconds until);

  // Starts, decommissions and ends what the shares and the master's page ask for; null: the master
  // does not answer.
  [[nodiscard]] Task<void> look(const MasterPage* page);
  // Ends all; returns once they are reaped.
  [[nodiscard]] Task<void> stop();
  // The master ended: workers register anew by themselves.
  void lost_master();

  // A worker serves the host's present share.
  [[nodiscard]] bool serves(std::string_view host) const;
  [[nodiscard]] bool any_serves() const;
  // A worker of the host is on its way out.
  [[nodiscard]] bool drains(std::string_view host) const;
  [[nodiscard]] bool any_drains() const;
  [[nodiscard]] bool wants_any() const { return !wanted_.empty(); }

  // What ended and is started again; empty: nothing since the last call.
  [[nodiscard]] std::string take_trouble() { return std::exchange(trouble_, {}); }
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  struct Worker {
    WorkerPlan plan;
    std::unique_ptr<platform::Process> process;
    bool registered = false;
    std::chrono::nanoseconds registered_at{0};
    bool decommissioned = false;
    std::optional<std::chrono::nanoseconds> until;
  };

  [[nodiscard]] bool is_wanted(const Worker& worker) const;
  [[nodiscard]] const Worker* find(const Share& share) const;
  void note_ends();
  void note_death(const Worker& worker);
  void note_registrations(const MasterPage* page);
  void start_missing();
  [[nodiscard]] std::optional<WorkerPlan> plan_for(const Share& share) const;
  [[nodiscard]] bool may_drain(const Worker& worker, int applications) const;
  [[nodiscard]] Task<Status> decommission(const std::string& address);
  [[nodiscard]] Task<void> drain(int applications);
  [[nodiscard]] Task<bool> is_empty(const WorkerPlan& plan);

  platform::Platform& platform_;
  platform::Network& network_;
  const sandbox::Sandboxes& sandboxes_;
  const std::string address_;
  const std::uint16_t page_port_;
  const Start start_;
  std::vector<Share> wanted_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::map<std::string, std::deque<std::chrono::nanoseconds>> deaths_;  // by host
  std::map<std::string, std::chrono::nanoseconds, std::less<>> hurries_;
  std::vector<std::string> lost_addresses_;  // of hosts that went; the master waits for them
  std::string trouble_;
  std::string failure_;
};

// Asks a process to end (SIGTERM), then ends it and what it left; returns once it is reaped.
[[nodiscard]] Task<void> end_process(platform::Platform& platform, platform::Process& process);

}  // namespace tarn::emr
