#include "services/emr/run.h"

#include <csignal>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace tarn::emr {
namespace {

constexpr const char* kRunLogs[] = {"controller", "stdout", "stderr"};
constexpr std::uint64_t kLastWordsBytes = 4096;

// The last line that says something.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  const std::size_t newline = text.rfind('\n');
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

}  // namespace

Run::Run(Key /*key*/, platform::Platform& platform, Logs& logs, Plan plan)
    : platform_(platform), logs_(logs), plan_(std::move(plan)) {}

Task<Result<std::shared_ptr<Run>>> Run::launch(platform::Platform& platform, Logs& logs,
                                               Plan plan) {
  const auto run = std::make_shared<Run>(Key(), platform, logs, std::move(plan));
  const auto write = [&]() -> Status {
    TARN_CHECK(platform.files.make_directories(run->plan_.folder));
    return platform.files.write_atomically(run->plan_.folder + "/run.json", run->plan_.order);
  };
  TARN_CO_CHECK(co_await platform.tasks.offload(write));
  auto process = platform.processes.spawn(run->plan_.process);
  if (!process.ok()) co_return std::move(process).error();
  run->process_ = std::move(process).value();
  start(watch(run));
  co_return run;
}

void Run::cancel(bool by_force) {
  if (!cancelled_) cancelled_at_ = platform_.clock.monotonic();
  cancelled_ = true;
  if (end_) return;
  if (by_force) {
    process_->signal_group(SIGKILL);
  } else {
    process_->signal(SIGTERM);
  }
}

Task<void> Run::watch(std::shared_ptr<Run> self) {
  self->end_ = co_await self->process_->wait();
  // What it left running ends with it.
  self->process_->signal_group(SIGKILL);
  self->process_.reset();
  co_await self->keep_logs();
  self->done_ = true;
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
    if (plan_.log_folder.empty() || !kept.ok()) break;
    std::string folder = plan_.folder;
    std::string file = name;
    std::string to = plan_.log_folder;
    kept = co_await send_log(platform_, logs_, std::move(folder), std::move(file), std::move(to));
  }
  if (!kept.ok()) spdlog::warn("emr: logs of {}: {}", plan_.folder, kept.error().message);
}

}  // namespace tarn::emr
