#include "services/emr/run.h"

#include <csignal>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "wire/encoding.h"

namespace tarn::emr {
namespace {

constexpr const char* kRunLogs[] = {"controller", "stdout", "stderr"};
constexpr std::uint64_t kLastWordsBytes = 4096;

// The last line that says something. A program writes whatever bytes it likes.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  const std::size_t newline = text.rfind('\n');
  return wire::to_utf8(newline == std::string::npos ? text : text.substr(newline + 1));
}

}  // namespace

Run::Run(Key /*key*/, platform::Platform& platform, sandbox::Sandboxes& sandboxes, Logs& logs,
         Plan plan)
    : platform_(platform), sandboxes_(sandboxes), logs_(logs), plan_(std::move(plan)) {}

Task<Result<std::shared_ptr<Run>>> Run::launch(platform::Platform& platform,
                                               sandbox::Sandboxes& sandboxes, Logs& logs,
                                               Plan plan) {
  const auto run = std::make_shared<Run>(Key(), platform, sandboxes, logs, std::move(plan));
  TARN_CO_CHECK(co_await platform.tasks.offload([&] { return run->write_files(); }));
  sandbox::Sandbox box = run->plan_.box;
  const std::string order = run->plan_.folder + "/run.json";
  box.readable.push_back({order, order});
  auto process = platform.processes.spawn(sandboxes.enclosed(box, run->plan_.process));
  if (!process.ok()) co_return std::move(process).error();
  run->process_ = std::move(process).value();
  start(watch(run));
  co_return run;
}

Status Run::write_files() {
  platform::Files& files = platform_.files;
  TARN_CHECK(files.make_directories(plan_.folder));
  TARN_CHECK(files.write_atomically(plan_.folder + "/run.json", plan_.order));
  for (const std::string& path : plan_.process.more_outputs) {
    TARN_TRY([[maybe_unused]] const auto made, files.open(path, platform::OpenMode::kAppend));
  }
  return sandboxes_.give(plan_.box, plan_.process.more_outputs);
}

void Run::cancel(bool by_force) {
  const bool first = !std::exchange(cancelled_, true);
  if (first) cancelled_at_ = platform_.clock.monotonic();
  if (end_) return;
  if (by_force) {
    process_->signal_group(SIGKILL);
  } else if (first) {
    start(ask_to_end(shared_from_this()));
  }
}

// Not by a signal: that would reach the enclosure, not what runs in it.
Task<void> Run::ask_to_end(std::shared_ptr<Run> self) {
  std::string word = "end\n";
  [[maybe_unused]] const Status asked = co_await self->process_->write(std::move(word));
}

Task<void> Run::watch(std::shared_ptr<Run> self) {
  const platform::ExitStatus outside = co_await self->process_->wait();
  // What it left running ends with it.
  self->process_->signal_group(SIGKILL);
  self->process_.reset();
  self->end_ = self->sandboxes_.ended(outside);
  if (self->end_->signal == SIGKILL) {
    self->why_killed_ = co_await self->platform_.tasks.offload(
        [&] { return self->sandboxes_.why_killed(self->plan_.box); });
  }
  co_await self->keep_logs();
  self->done_ = true;
}

Task<void> Run::bound_logs() {
  if (end_) co_return;
  const auto bound = [this]() -> Status {
    for (const char* name : kRunLogs)
      TARN_CHECK(bound_log(platform_.files, plan_.folder + "/" + name));
    return {};
  };
  const Status bounded = co_await platform_.tasks.offload(bound);
  if (!bounded.ok()) spdlog::warn("emr: logs of {}: {}", plan_.folder, bounded.error().message);
}

Task<void> Run::keep_logs() {
  platform::Files& files = platform_.files;
  const auto close_log = [&]() -> Status {
    last_words_ = last_line(tail_of(files, plan_.folder + "/stderr", kLastWordsBytes));
    TARN_TRY(auto log, files.open(plan_.folder + "/controller", platform::OpenMode::kAppend));
    return log->append(fmt::format("INFO The process ended with {}{}.\n", end_->text(),
                                   cancelled_ ? ", after it was cancelled" : ""));
  };
  Status kept = co_await platform_.tasks.offload(close_log);
  for (const char* name : kRunLogs) {
    if (plan_.logs.folder.empty() || !kept.ok()) break;
    std::string folder = plan_.folder;
    std::string file = name;
    LogTarget to = plan_.logs;
    kept = co_await send_log(platform_, logs_, std::move(folder), std::move(file), std::move(to));
  }
  if (!kept.ok()) spdlog::warn("emr: logs of {}: {}", plan_.folder, kept.error().message);
}

}  // namespace tarn::emr
