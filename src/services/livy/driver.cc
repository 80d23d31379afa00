#include "services/livy/driver.h"

#include <csignal>

#include <fmt/format.h>

#include "platform/log.h"

namespace tarn::livy {

namespace {

// The driver keeps its own results below 32 MiB; escapes may double them.
constexpr std::size_t kMaxEventBytes = std::size_t{80} << 20;
constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::milliseconds kLastWords{1000};  // between the process's end and its pipe's
constexpr int kRemovals = 10;

}  // namespace

Driver::Driver(Key /*key*/, platform::Platform& platform, sandbox::Sandboxes& sandboxes, Plan plan,
               std::unique_ptr<platform::Process> process)
    : platform_(platform),
      sandboxes_(sandboxes),
      plan_(std::move(plan)),
      process_(std::move(process)),
      started_at_(platform.clock.monotonic()) {}

Result<std::shared_ptr<Driver>> Driver::launch(platform::Platform& platform,
                                               sandbox::Sandboxes& sandboxes, Plan plan) {
  TARN_TRY(auto process, platform.processes.spawn(plan.process));
  const auto driver =
      std::make_shared<Driver>(Key(), platform, sandboxes, std::move(plan), std::move(process));
  driver->send(driver->plan_.start);
  driver->plan_.start = nullptr;
  start(read_all(driver));
  start(watch_end(driver));
  return driver;
}

void Driver::execute(int statement, const std::string& kind, const std::string& code) {
  send({{"op", "execute"}, {"id", statement}, {"kind", kind}, {"code", code}});
}

void Driver::cancel(int statement) {
  send({{"op", "cancel"}, {"id", statement}});
}

void Driver::end_because(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
  process_->signal_group(SIGKILL);
}

Task<void> Driver::stop(std::shared_ptr<Driver> driver, std::chrono::milliseconds patience) {
  platform::Clock& clock = driver->platform_.clock;
  if (driver->reason_.empty()) driver->reason_ = "it was stopped";
  // Not by a signal: that would reach the enclosure, not the driver in it.
  if (driver->ready()) {
    driver->send({{"op", "stop"}});
  } else {
    driver->process_->signal_group(SIGKILL);
  }
  const auto deadline = clock.monotonic() + patience;
  while (!driver->ended()) {
    if (clock.monotonic() >= deadline) driver->process_->signal_group(SIGKILL);
    co_await clock.sleep(kLook);
  }
  if (driver->files_removed_) co_return;
  driver->files_removed_ = true;
  co_await remove_files(driver);
}

// The last processes of a sandbox end a moment after its enclosure, and may write until then.
Task<void> Driver::remove_files(std::shared_ptr<Driver> driver) {
  if (!driver->plan_.shares_sandbox) {
    sandbox::Sandbox box = driver->plan_.sandbox;
    co_await driver->sandboxes_.close(std::move(box));
  }
  platform::Files& files = driver->platform_.files;
  const auto remove = [&files, &directory = driver->plan_.directory] {
    return files.remove_tree(directory);
  };
  for (int i = 1;; ++i) {
    const Status removed = co_await driver->platform_.tasks.offload(remove);
    if (removed.ok()) co_return;
    if (i == kRemovals) {
      spdlog::warn("livy: {}", removed.error().message);
      co_return;
    }
    co_await driver->platform_.clock.sleep(kLook);
  }
}

void Driver::send(const Json& command) {
  to_write_.push_back(command.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  if (!writing_ && !ended()) start(write_all(shared_from_this()));
}

Task<void> Driver::write_all(std::shared_ptr<Driver> self) {
  self->writing_ = true;
  while (!self->to_write_.empty()) {
    std::string line = std::move(self->to_write_.front());
    self->to_write_.pop_front();
    const Status written = co_await self->process_->write(std::move(line));
    // The child is gone; read_all finds its end and tells why.
    if (!written.ok()) self->to_write_.clear();
  }
  self->writing_ = false;
}

Task<void> Driver::read_all(std::shared_ptr<Driver> self) {
  for (;;) {
    auto line = co_await self->process_->read_line(kMaxEventBytes);
    if (!line.ok()) {
      self->end_because("its answers cannot be read: " + line.error().message);
      break;
    }
    if (!line->has_value()) break;
    const Json event = wire::parse_json(**line);
    if (event.is_object()) self->take(event);
  }
  self->read_to_end_ = true;
}

// The end is the process's, not the pipe's: what it left running may hold the pipe open.
Task<void> Driver::watch_end(std::shared_ptr<Driver> self) {
  const platform::ExitStatus outside = co_await self->process_->wait();
  const platform::ExitStatus status = self->sandboxes_.ended(outside);
  self->process_->signal_group(SIGKILL);
  for (auto waited = kLook; !self->read_to_end_ && waited < kLastWords; waited += kLook) {
    co_await self->platform_.clock.sleep(kLook);
  }
  if (self->reason_.empty()) self->reason_ = "its driver ended with " + status.text();
  const std::string why = co_await self->platform_.tasks.offload(
      [&] { return self->sandboxes_.why_killed(self->plan_.sandbox); });
  if (!why.empty()) self->reason_ += ": " + why;
  self->end_ = status;
  if (self->listener_ != nullptr) self->listener_->on_end();
}

// The pipe is open to what users run, who may say anything on it.
void Driver::take(const Json& event) {
  const std::string name = wire::text_or(event, "event");
  if (name == "ready" && !ready()) {
    app_id_ = wire::text_or(event, "app_id");
    spark_ui_url_ = wire::text_or(event, "spark_ui_url");
    if (listener_ != nullptr) listener_->on_ready();
  } else if (name == "failed" || name == "dead") {
    reason_ = wire::text_or(event, "message");
  } else if (name == "progress" && listener_ != nullptr) {
    listener_->on_progress(wire::int_or(event, "id", -1), wire::number_or(event, "progress", 0.0));
  } else if (name == "result" && listener_ != nullptr) {
    listener_->on_result(wire::int_or(event, "id", -1), event.value("output", Json()));
  }
}

}  // namespace tarn::livy
