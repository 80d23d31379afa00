// Session: one Livy session, its statements in order and the driver that runs them.
//
// Place: services/livy, under sessions.h. Threads: the control strand only.
// Source of states, fields and limits: https://livy.apache.org/docs/latest/rest-api.html
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "services/livy/driver.h"

namespace tarn::livy {

enum class SessionState : std::uint8_t { kStarting, kIdle, kBusy, kShuttingDown, kDead };
enum class StatementState : std::uint8_t {
  kWaiting,
  kRunning,
  kAvailable,
  kError,
  kCancelling,
  kCancelled
};

[[nodiscard]] std::string_view name_of(SessionState state);
[[nodiscard]] std::string_view name_of(StatementState state);

struct Statement {
  int id = 0;
  std::string code;
  std::string kind;
  StatementState state = StatementState::kWaiting;
  double progress = 0;
  Json output;  // null until there is one
  std::size_t output_bytes = 0;
  Timestamp started;
  Timestamp completed;

  [[nodiscard]] bool final() const {
    return state == StatementState::kAvailable || state == StatementState::kError ||
           state == StatementState::kCancelled;
  }
};

// What POST /sessions asked for, beyond what goes to the driver as it is.
struct SessionRequest {
  std::string kind;
  std::string name;
  std::string proxy_user;
  std::string owner;  // the caller's ARN
  std::chrono::seconds heartbeat_timeout{0};
  Json body;
};

class Session final : public DriverListener {
 public:
  static constexpr std::size_t kMaxWaiting = 100;
  // Livy keeps 100 finished statements (livy.rsc.retained-statements); their answers are bounded
  // in bytes besides.
  static constexpr std::size_t kMaxKept = 100;
  static constexpr std::size_t kMaxKeptBytes = std::size_t{64} << 20;

  Session(int id, SessionRequest request, std::shared_ptr<Driver> driver, platform::Clock& clock);
  ~Session() override { driver_->set_listener(nullptr); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] int id() const { return id_; }
  [[nodiscard]] const SessionRequest& request() const { return request_; }
  [[nodiscard]] SessionState state() const;
  [[nodiscard]] const std::shared_ptr<Driver>& driver() const { return driver_; }
  [[nodiscard]] const std::deque<Statement>& statements() const { return statements_; }
  [[nodiscard]] int statements_total() const { return next_statement_; }

  // A client asked for this session: its heartbeat.
  void touch() { touched_ = clock_.monotonic(); }
  [[nodiscard]] bool heartbeat_missed() const;
  [[nodiscard]] std::chrono::nanoseconds idle_for() const { return clock_.monotonic() - touched_; }

  // Queues a statement. Errors (400): the session is not alive; the queue is full.
  [[nodiscard]] Result<const Statement*> add_statement(std::string code, std::string kind);
  // nullptr where there never was one or it is kept no more.
  [[nodiscard]] Statement* find_statement(int id);
  void cancel(Statement& statement);
  // No more statements: it is being deleted.
  void shut_down() { shutting_down_ = true; }

  void on_ready() override { run_next(); }
  void on_progress(int statement, double share) override;
  void on_result(int statement, Json output) override;
  void on_end() override;

 private:
  void run_next();
  void complete(Statement& statement, StatementState state, Json output);
  void forget_old();

  const int id_;
  const SessionRequest request_;
  const std::shared_ptr<Driver> driver_;
  platform::Clock& clock_;
  std::chrono::nanoseconds touched_;
  bool shutting_down_ = false;
  int next_statement_ = 0;
  int running_ = -1;
  std::size_t waiting_ = 0;
  std::size_t kept_bytes_ = 0;
  std::deque<Statement> statements_;  // ids ascend without gaps
};

}  // namespace tarn::livy
