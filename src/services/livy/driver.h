// Driver: one driver process of Spark and the two pipes to it.
//
// Place: services/livy, under session.h; the other side is driver/tarn_session (README.md has the
// protocol). Threads: the control strand only.
//
// A Driver is told to start, says that it is ready, runs statements and ends. It always ends: by
// stop(), by itself, or with the server; all processes of its sandbox end with it.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "wire/json_value.h"

namespace tarn::livy {

using Json = nlohmann::json;

// What a driver tells the one who uses it.
class DriverListener {
 public:
  virtual ~DriverListener() = default;
  virtual void on_ready() = 0;
  virtual void on_progress(int statement, double share) = 0;
  // `output` is Livy's: {"status", "execution_count", "data" | "ename", "evalue", "traceback"}.
  virtual void on_result(int statement, Json output) = 0;
  // The process is gone and reaped.
  virtual void on_end() = 0;
};

class Driver : public std::enable_shared_from_this<Driver> {
  struct Key {};  // only launch() makes drivers

 public:
  // Where its files are and what it is started with.
  struct Plan {
    platform::ProcessSpec process;
    sandbox::Sandbox sandbox;     // that `process` is in; closed after the end
    bool shares_sandbox = false;  // it is not the driver's alone: not closed
    Json start;                   // the first command
    std::string directory;        // removed after the end
    std::string log_path;
    std::string owner_arn;  // whose credentials it has
    std::string access_key_id;
  };

  Driver(Key key, platform::Platform& platform, sandbox::Sandboxes& sandboxes, Plan plan,
         std::unique_ptr<platform::Process> process);

  // Errors: kNotFound (no Python, no driver), kIo, kDiskFull.
  [[nodiscard]] static Result<std::shared_ptr<Driver>> launch(platform::Platform& platform,
                                                              sandbox::Sandboxes& sandboxes,
                                                              Plan plan);

  // Who is told from now on; nullptr: nobody. The listener outlives the driver or leaves first.
  void set_listener(DriverListener* listener) { listener_ = listener; }

  void execute(int statement, const std::string& kind, const std::string& code);
  void cancel(int statement);

  // Asks it to end, waits `patience`, then ends it by force; one that is not ready has nothing to
  // put in order and ends at once. Returns once it is reaped and its files are gone. May be called
  // any number of times.
  [[nodiscard]] static Task<void> stop(std::shared_ptr<Driver> driver,
                                       std::chrono::milliseconds patience);

  [[nodiscard]] bool ready() const { return !app_id_.empty(); }
  [[nodiscard]] bool ended() const { return end_.has_value(); }
  // Why it failed or ended, for a person.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const std::string& app_id() const { return app_id_; }
  [[nodiscard]] const std::string& spark_ui_url() const { return spark_ui_url_; }
  [[nodiscard]] const std::string& owner_arn() const { return plan_.owner_arn; }
  [[nodiscard]] const std::string& access_key_id() const { return plan_.access_key_id; }
  [[nodiscard]] const std::string& log_path() const { return plan_.log_path; }
  [[nodiscard]] std::chrono::nanoseconds started_at() const { return started_at_; }
  [[nodiscard]] int pid() const { return process_->pid(); }
  void end_because(std::string reason);

 private:
  void send(const Json& command);
  static Task<void> write_all(std::shared_ptr<Driver> self);
  static Task<void> read_all(std::shared_ptr<Driver> self);
  static Task<void> watch_end(std::shared_ptr<Driver> self);
  void take(const Json& event);
  static Task<void> remove_files(std::shared_ptr<Driver> driver);

  platform::Platform& platform_;
  sandbox::Sandboxes& sandboxes_;
  Plan plan_;
  std::unique_ptr<platform::Process> process_;
  std::chrono::nanoseconds started_at_;
  DriverListener* listener_ = nullptr;
  std::deque<std::string> to_write_;
  bool writing_ = false;
  bool read_to_end_ = false;
  std::string app_id_;
  std::string spark_ui_url_;
  std::string reason_;
  std::optional<platform::ExitStatus> end_;
  bool files_removed_ = false;
};

}  // namespace tarn::livy
