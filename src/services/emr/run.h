// Run: one process of a user's, a step or a bootstrap action, from its start to its logs in S3.
//
// Place: services/emr, under life.h; the other side is node/tarn_cluster/run.py. Threads: the
// control strand only.
//
// Files in its folder: run.json (what to run), controller, stdout and stderr; the server opens
// them, as what runs in the sandbox might put a link in their place. It always ends: by itself, by
// cancel(), or with the server; all of its processes end with it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "services/emr/logs.h"

namespace tarn::emr {

class Run : public std::enable_shared_from_this<Run> {
  struct Key {};  // only launch() makes runs

 public:
  struct Plan {
    std::string folder;
    std::string order;              // run.json
    platform::ProcessSpec process;  // to be enclosed
    sandbox::Sandbox box;           // of the cluster
    LogTarget logs;
  };

  Run(Key key, platform::Platform& platform, sandbox::Sandboxes& sandboxes, Logs& logs, Plan plan);

  // Errors: kIo, kDiskFull, kNotFound (no Python).
  [[nodiscard]] static Task<Result<std::shared_ptr<Run>>> launch(platform::Platform& platform,
                                                                 sandbox::Sandboxes& sandboxes,
                                                                 Logs& logs, Plan plan);

  // Its processes get SIGTERM; or it ends at once.
  void cancel(bool by_force);
  // Keeps its logs within bounds while it runs; to be called now and then.
  [[nodiscard]] Task<void> bound_logs();
  [[nodiscard]] bool cancelled() const { return cancelled_; }
  // It has ended and its logs are where they belong.
  [[nodiscard]] bool done() const { return done_; }
  // Once it is done.
  [[nodiscard]] const platform::ExitStatus& status() const { return *end_; }
  // What else is known of its end, for a person; empty: nothing.
  [[nodiscard]] const std::string& why_killed() const { return why_killed_; }
  [[nodiscard]] const std::string& last_words() const { return last_words_; }
  [[nodiscard]] std::chrono::nanoseconds cancelled_at() const { return cancelled_at_; }

 private:
  static Task<void> watch(std::shared_ptr<Run> self);
  static Task<void> ask_to_end(std::shared_ptr<Run> self);
  [[nodiscard]] Status write_files();
  [[nodiscard]] Task<void> keep_logs();

  platform::Platform& platform_;
  sandbox::Sandboxes& sandboxes_;
  Logs& logs_;
  Plan plan_;
  std::unique_ptr<platform::Process> process_;
  std::optional<platform::ExitStatus> end_;
  std::string why_killed_;
  std::string last_words_;
  bool cancelled_ = false;
  std::chrono::nanoseconds cancelled_at_{0};
  bool done_ = false;
};

}  // namespace tarn::emr
