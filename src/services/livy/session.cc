#include "services/livy/session.h"

#include <fmt/format.h>

namespace tarn::livy {

namespace {

constexpr int kBadRequest = 400;

Json dead_output(int statement, const std::string& reason) {
  const std::string message = "The session is dead: " + reason;
  return {{"status", "error"},
          {"execution_count", statement},
          {"ename", "SessionDead"},
          {"evalue", message},
          {"traceback", Json::array({message + "\n"})}};
}

}  // namespace

std::string_view name_of(SessionState state) {
  switch (state) {
    case SessionState::kStarting: return "starting";
    case SessionState::kIdle: return "idle";
    case SessionState::kBusy: return "busy";
    case SessionState::kShuttingDown: return "shutting_down";
    case SessionState::kDead: return "dead";
  }
  return "error";
}

std::string_view name_of(StatementState state) {
  switch (state) {
    case StatementState::kWaiting: return "waiting";
    case StatementState::kRunning: return "running";
    case StatementState::kAvailable: return "available";
    case StatementState::kError: return "error";
    case StatementState::kCancelling: return "cancelling";
    case StatementState::kCancelled: return "cancelled";
  }
  return "error";
}

Session::Session(int id, SessionRequest request, std::shared_ptr<Driver> driver,
                 platform::Clock& clock)
    : id_(id),
      request_(std::move(request)),
      driver_(std::move(driver)),
      clock_(clock),
      touched_(clock.monotonic()) {
  driver_->set_listener(this);
}

SessionState Session::state() const {
  if (driver_->ended()) return SessionState::kDead;
  if (shutting_down_) return SessionState::kShuttingDown;
  if (!driver_->ready()) return SessionState::kStarting;
  return running_ < 0 ? SessionState::kIdle : SessionState::kBusy;
}

bool Session::heartbeat_missed() const {
  return request_.heartbeat_timeout.count() > 0 &&
         clock_.monotonic() - touched_ > request_.heartbeat_timeout;
}

Result<const Statement*> Session::add_statement(std::string code, std::string kind) {
  const SessionState now = state();
  if (now == SessionState::kDead || now == SessionState::kShuttingDown) {
    return Error("SessionNotActive",
                 fmt::format("Session '{}' is {}: {}. Create a new one.", id_, name_of(now),
                             driver_->reason()),
                 kBadRequest);
  }
  if (waiting_ >= kMaxWaiting) {
    return Error("TooManyStatements",
                 fmt::format("Session '{}' has {} statements waiting; wait until some are done.",
                             id_, waiting_),
                 kBadRequest);
  }
  Statement statement;
  statement.id = next_statement_++;
  statement.code = std::move(code);
  statement.kind = kind.empty() ? request_.kind : std::move(kind);
  statements_.push_back(std::move(statement));
  ++waiting_;
  run_next();
  forget_old();
  return &statements_.back();
}

Statement* Session::find_statement(int id) {
  if (statements_.empty() || id < statements_.front().id || id > statements_.back().id) {
    return nullptr;
  }
  return &statements_[static_cast<std::size_t>(id - statements_.front().id)];
}

void Session::cancel(Statement& statement) {
  if (statement.state == StatementState::kWaiting) {
    --waiting_;
    complete(statement, StatementState::kCancelled, nullptr);
    forget_old();
  } else if (!statement.final()) {
    // Asking again interrupts again: a cell may have swallowed the first one.
    statement.state = StatementState::kCancelling;
    driver_->cancel(statement.id);
  }
}

void Session::on_progress(int statement, double share) {
  Statement* found = find_statement(statement);
  if (found != nullptr && !found->final()) found->progress = share;
}

void Session::on_result(int statement, Json output) {
  Statement* found = find_statement(statement);
  if (found == nullptr || statement != running_) return;
  const bool cancelled = found->state == StatementState::kCancelling;
  running_ = -1;
  complete(*found, cancelled ? StatementState::kCancelled : StatementState::kAvailable,
           std::move(output));
  forget_old();
  run_next();
}

void Session::on_end() {
  running_ = -1;
  waiting_ = 0;
  for (Statement& statement : statements_) {
    if (!statement.final()) {
      complete(statement, StatementState::kError, dead_output(statement.id, driver_->reason()));
    }
  }
  forget_old();
}

void Session::run_next() {
  if (running_ >= 0 || waiting_ == 0 || !driver_->ready() || driver_->ended()) return;
  for (Statement& statement : statements_) {
    if (statement.state != StatementState::kWaiting) continue;
    statement.state = StatementState::kRunning;
    statement.started = clock_.now();
    running_ = statement.id;
    --waiting_;
    driver_->execute(statement.id, statement.kind, statement.code);
    return;
  }
}

void Session::complete(Statement& statement, StatementState state, Json output) {
  statement.state = state;
  statement.progress = 1.0;
  statement.output = std::move(output);
  statement.completed = clock_.now();
  statement.output_bytes =
      statement.code.size() +
      statement.output.dump(-1, ' ', false, Json::error_handler_t::replace).size();
  kept_bytes_ += statement.output_bytes;
}

// Only from the front, so that ids stay without gaps; the newest answer is always kept.
void Session::forget_old() {
  while (statements_.size() > 1 && statements_.front().final() &&
         (statements_.size() > kMaxKept + waiting_ + 1 || kept_bytes_ > kMaxKeptBytes)) {
    kept_bytes_ -= statements_.front().output_bytes;
    statements_.pop_front();
  }
}

}  // namespace tarn::livy
