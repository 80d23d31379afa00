#include "services/emr/history_server.h"

#include <csignal>

#include <fmt/format.h>

#include "platform/log.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHistoryLook{100};
constexpr milliseconds kHistoryPatience{2000};  // of a question, and between SIGTERM and SIGKILL

}  // namespace

Task<Result<bool>> HistoryServer::ready(std::shared_ptr<HistoryServer> self) {
  self->asked_ = self->platform_.clock.monotonic();
  if (self->stopping_) co_return Error(code::kIo, "the history server has been stopped");
  if (!self->failure_.empty()) co_return Error(code::kIo, std::exchange(self->failure_, ""));
  if (!self->process_) {
    TARN_CO_TRY(self->process_, self->platform_.processes.spawn(self->spec_()));
    start(watch(self));
  }
  if (self->answers_) co_return true;
  const auto ask = [&network = self->network_, address = self->address_, port = self->port_] {
    return network.get(address, port, "/api/v1/applications?limit=1", kHistoryPatience);
  };
  const auto answer = co_await self->platform_.tasks.offload(ask);
  if (answer.ok() && self->process_) self->answers_ = true;
  co_return self->answers_;
}

Task<void> HistoryServer::watch(std::shared_ptr<HistoryServer> self) {
  platform::Clock& clock = self->platform_.clock;
  while (!self->process_->exited() && !self->stopping_ && clock.monotonic() - self->asked_ < kRest)
    co_await clock.sleep(kHistoryLook);
  if (const auto end = self->process_->exited()) {
    self->failure_ = fmt::format("The history server ended by itself ({}); its log is {}.",
                                 end->text(), self->spec_().output_path);
    spdlog::warn("emr: {} {}", self->address_, self->failure_);
  }
  self->answers_ = false;
  self->process_->signal(SIGTERM);
  const auto deadline = clock.monotonic() + kHistoryPatience;
  while (!self->process_->exited()) {
    if (clock.monotonic() >= deadline) self->process_->signal_group(SIGKILL);
    co_await clock.sleep(kHistoryLook);
  }
  self->process_.reset();
}

Task<void> HistoryServer::stop() {
  stopping_ = true;
  while (process_) co_await platform_.clock.sleep(kHistoryLook);
}

}  // namespace tarn::emr
