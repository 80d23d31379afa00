// Node: the primary node of one cluster, Spark's standalone master, kept running; and its workers.
//
// Place: services/emr, under life.h. Threads: the control strand only.
//
// A master that dies is started again at the same address with what the former knew (FILESYSTEM
// recovery), until it has died too often. Nothing of it or the workers outlives the Node.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/network.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "services/emr/master_page.h"
#include "services/emr/workers.h"

namespace tarn::emr {

class Node {
 public:
  // A master that ended more often than this within kDeathWindow is given up.
  static constexpr std::size_t kMostDeaths = 3;
  static constexpr std::chrono::minutes kDeathWindow{10};
  // From the start of a cluster to the registered worker, and of a master's silence.
  static constexpr std::chrono::seconds kStartLimit{180};
  static constexpr std::chrono::seconds kSilenceLimit{60};

  // How to start the master.
  using MasterSpec = std::function<platform::ProcessSpec()>;

  Node(platform::Platform& platform, platform::Network& network,
       const sandbox::Sandboxes& sandboxes, std::string address, std::uint16_t page_port,
       MasterSpec master_spec, Workers::Start start_worker);

  // The workers; which are wanted is theirs to be told.
  [[nodiscard]] Workers& workers() { return workers_; }
  [[nodiscard]] const Workers& workers() const { return workers_; }

  // Starts what is not there and asks the master how things stand.
  [[nodiscard]] Task<void> look();
  // Ends all; returns once they are reaped.
  [[nodiscard]] Task<void> stop();

  // Executors can be had.
  [[nodiscard]] bool ready() const { return ready_; }
  // Why it is not ready after having been so; empty at the first start.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  // Why it cannot be made ready; empty: it can.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  // Ids of the applications that have not ended, as of the last answer.
  [[nodiscard]] std::vector<std::string> applications() const {
    return page_ ? page_->applications : std::vector<std::string>();
  }

 private:
  void note_end();
  void start();
  void check_time();
  [[nodiscard]] Task<void> ask();

  platform::Platform& platform_;
  platform::Network& network_;
  const sandbox::Sandboxes& sandboxes_;
  const std::string address_;
  const std::uint16_t page_port_;
  const MasterSpec master_spec_;
  Workers workers_;
  std::unique_ptr<platform::Process> master_;
  std::deque<std::chrono::nanoseconds> deaths_;
  std::optional<MasterPage> page_;
  std::chrono::nanoseconds not_ready_since_;
  std::chrono::nanoseconds heard_{0};  // from the master, or its start
  std::chrono::nanoseconds next_question_{0};
  bool ready_ = false;
  std::string trouble_;
  std::string failure_;
};

}  // namespace tarn::emr
