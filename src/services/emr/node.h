// Node: Spark's standalone master and worker of one cluster, kept running.
//
// Place: services/emr, under life.h. Threads: the control strand only.
//
// Either may die: it is started again at the same address, a master with what the former knew
// (FILESYSTEM recovery), until it has died too often. Nothing of them outlives the Node.
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
#include "services/emr/master_page.h"

namespace tarn::emr {

class Node {
 public:
  // A master or worker that ended more often than this within kDeathWindow is given up.
  static constexpr std::size_t kMostDeaths = 3;
  static constexpr std::chrono::minutes kDeathWindow{10};
  // From the start of a cluster to the registered worker, and of a master's silence.
  static constexpr std::chrono::seconds kStartLimit{180};
  static constexpr std::chrono::seconds kSilenceLimit{60};

  // How to start "master" or "worker".
  using SpecOf = std::function<platform::ProcessSpec(const std::string& role)>;

  Node(platform::Platform& platform, platform::Network& network, std::string address,
       SpecOf spec_of);

  // Starts what is not there and asks the master how things stand.
  [[nodiscard]] Task<void> look();
  // Ends both; returns once they are reaped.
  [[nodiscard]] Task<void> stop();

  // Executors can be had.
  [[nodiscard]] bool ready() const { return ready_; }
  // Why it is not ready after having been so; empty at the first start.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  // Why it cannot be made ready; empty: it can.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  // Applications that have not ended, as of the last answer.
  [[nodiscard]] int applications() const { return page_ ? page_->applications : 0; }

 private:
  struct Part {
    std::string role;
    std::unique_ptr<platform::Process> process;
    std::deque<std::chrono::nanoseconds> deaths;
  };

  void note_end(Part& part);
  void start(Part& part);
  void check_time();
  [[nodiscard]] Task<void> ask();
  [[nodiscard]] Task<void> end(Part& part);

  platform::Platform& platform_;
  platform::Network& network_;
  const std::string address_;
  const SpecOf spec_of_;
  Part master_{"master", nullptr, {}};
  Part worker_{"worker", nullptr, {}};
  std::optional<MasterPage> page_;
  std::chrono::nanoseconds not_ready_since_;
  std::chrono::nanoseconds heard_{0};  // from the master, or its start
  std::chrono::nanoseconds next_question_{0};
  bool ready_ = false;
  std::string trouble_;
  std::string failure_;
};

}  // namespace tarn::emr
