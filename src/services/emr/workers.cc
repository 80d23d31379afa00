#include "services/emr/workers.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/emr/launch.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPagePatience{2000};
constexpr milliseconds kProcessPatience{2000};
constexpr milliseconds kProcessLook{20};
// Of one host at the same time: one that serves, and others that are drained.
constexpr int kMostOfAHost = 8;

// 127.77.a.b is the master's and the first worker's, 127.78.a.b the next one's, and so on.
std::string nth_address(const std::string& address, int number) {
  constexpr std::string_view kOurs = "127.77.";
  if (number == 0 || !address.starts_with(kOurs)) return address;
  return fmt::format("127.{}.{}", 77 + number, address.substr(kOurs.size()));
}

}  // namespace

Workers::Workers(platform::Platform& platform, platform::Network& network,
                 const sandbox::Sandboxes& sandboxes, std::string address, std::uint16_t page_port,
                 Start start)
    : platform_(platform),
      network_(network),
      sandboxes_(sandboxes),
      address_(std::move(address)),
      page_port_(page_port),
      start_(std::move(start)) {}

void Workers::hurry(std::string_view host, std::chrono::nanoseconds until) {
  hurries_.insert_or_assign(std::string(host), until);
}

Task<void> Workers::look(const MasterPage* page) {
  const std::size_t before = workers_.size();
  note_ends();
  // The page may still tell of one that ended.
  if (workers_.size() < before) co_return;
  note_registrations(page);
  if (!failure_.empty() || page == nullptr || !page->alive) co_return;
  // Without this, a master believes in a host that fell silent for a minute more.
  for (const std::string& address : std::exchange(lost_addresses_, {})) {
    [[maybe_unused]] const Status told = co_await decommission(address);
  }
  start_missing();
  co_await drain(static_cast<int>(page->applications.size()));
}

bool Workers::is_wanted(const Worker& worker) const {
  return std::find(wanted_.begin(), wanted_.end(), worker.plan.share) != wanted_.end();
}

const Workers::Worker* Workers::find(const Share& share) const {
  for (const auto& worker : workers_) {
    if (worker->plan.share == share && !worker->decommissioned) return worker.get();
  }
  return nullptr;
}

bool Workers::serves(std::string_view host) const {
  return std::any_of(wanted_.begin(), wanted_.end(), [&](const Share& share) {
    const Worker* const worker = share.host == host ? find(share) : nullptr;
    return worker != nullptr && worker->registered;
  });
}

bool Workers::any_serves() const {
  return std::any_of(wanted_.begin(), wanted_.end(),
                     [&](const Share& share) { return serves(share.host); });
}

bool Workers::drains(std::string_view host) const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const auto& worker) {
    return worker->plan.share.host == host && !is_wanted(*worker);
  });
}

bool Workers::any_drains() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [&](const auto& worker) { return !is_wanted(*worker); });
}

void Workers::note_ends() {
  for (auto it = workers_.begin(); it != workers_.end();) {
    const std::shared_ptr<Worker> worker = *it;
    if (!worker->process->exited()) {
      ++it;
      continue;
    }
    it = workers_.erase(it);
    const bool on_host = !worker->plan.share.host.empty();
    if (is_wanted(*worker)) {
      note_death(*worker);
    } else if (on_host && !worker->decommissioned) {
      lost_addresses_.push_back(worker->plan.address);
    }
  }
}

void Workers::note_death(const Worker& worker) {
  const std::string how = sandboxes_.ended(*worker.process->exited()).text();
  const auto now = platform_.clock.monotonic();
  trouble_ = fmt::format("The Spark worker ended ({}) and is started again.", how);
  spdlog::warn("emr: {} {}", worker.plan.address, trouble_);
  auto& deaths = deaths_[worker.plan.share.host];
  deaths.push_back(now);
  while (now - deaths.front() > kDeathWindow) deaths.pop_front();
  if (deaths.size() <= kMostDeaths) return;
  failure_ = fmt::format("The Spark worker ended {} times within {} minutes, at last with {}",
                         deaths.size(), kDeathWindow.count(), how);
}

void Workers::lost_master() {
  for (const auto& worker : workers_) worker->registered = false;
}

void Workers::note_registrations(const MasterPage* page) {
  if (page == nullptr) return;
  for (const auto& worker : workers_) {
    const bool was = worker->registered;
    worker->registered =
        std::any_of(page->workers.begin(), page->workers.end(), [&](const WorkerLine& line) {
          return line.host == worker->plan.address && line.cores > 0;
        });
    if (!was && worker->registered) worker->registered_at = platform_.clock.monotonic();
  }
}

std::optional<WorkerPlan> Workers::plan_for(const Share& share) const {
  // A joined host has one address, and so one worker at a time.
  const int most = share.host.empty() ? kMostOfAHost : 1;
  for (int number = 0; number < most; ++number) {
    const std::string address = share.host.empty() ? nth_address(address_, number) : share.host;
    const bool taken = std::any_of(workers_.begin(), workers_.end(), [&](const auto& worker) {
      return worker->plan.address == address;
    });
    if (!taken) return WorkerPlan{share, address, kPageOfWorker};
  }
  return std::nullopt;
}

void Workers::start_missing() {
  for (const Share& share : wanted_) {
    if (find(share) != nullptr) continue;
    const auto plan = plan_for(share);
    if (!plan) continue;
    auto started = start_(*plan);
    // A host may go at any moment; it is not wanted then.
    if (!started.ok() && !share.host.empty()) continue;
    if (!started.ok()) {
      failure_ = fmt::format("The Spark worker could not be started: {}", started.error().message);
      return;
    }
    auto worker = std::make_shared<Worker>();
    worker->plan = *plan;
    worker->process = std::move(started).value();
    workers_.push_back(std::move(worker));
  }
}

// Its successor serves, or there is to be none on its host.
bool Workers::may_drain(const Worker& worker, int applications) const {
  const std::string& host = worker.plan.share.host;
  if (!host.empty()) return true;
  for (const Share& share : wanted_) {
    if (share.host != host) continue;
    const Worker* const next = find(share);
    if (next == nullptr) return workers_.size() >= kMostOfAHost;
    if (!next->registered) return false;
    const auto settled = next->registered_at + kSettleTime;
    if (applications > 0 && platform_.clock.monotonic() < settled) return false;
  }
  return true;
}

Task<void> Workers::drain(int applications) {
  const auto now = platform_.clock.monotonic();
  const std::vector<std::shared_ptr<Worker>> all = workers_;
  for (const auto& worker : all) {
    if (is_wanted(*worker)) continue;
    const auto hurry = hurries_.find(worker->plan.share.host);
    if (hurry != hurries_.end() && !worker->until) worker->until = hurry->second;
    const bool late = worker->until && now >= *worker->until;
    if (!late && !worker->decommissioned && may_drain(*worker, applications)) {
      const Status asked = co_await decommission(worker->plan.address);
      // Where the master does not know it, nothing of it can be lost.
      worker->decommissioned = asked.ok() || !worker->registered;
      continue;
    }
    const bool done = late || (worker->decommissioned && co_await is_empty(worker->plan));
    if (!done) continue;
    co_await end_process(platform_, *worker->process);
    std::erase(workers_, worker);
    if (!drains(worker->plan.share.host)) hurries_.erase(worker->plan.share.host);
  }
}

Task<Status> Workers::decommission(const std::string& address) {
  const std::string path = "/workers/kill/?host=" + address;
  const auto ask = [&]() -> Status {
    const auto asked = network_.post(address_, page_port_, path, kPagePatience);
    return asked.ok() ? Status() : Status(asked.error());
  };
  co_return co_await platform_.tasks.offload(ask);
}

Task<bool> Workers::is_empty(const WorkerPlan& plan) {
  const auto question = [&] {
    return network_.get(plan.address, plan.page_port, "/json/", kPagePatience);
  };
  const auto answer = co_await platform_.tasks.offload(question);
  if (!answer.ok()) co_return false;
  const auto executors = count_executors(*answer);
  co_return executors.ok() && *executors == 0;
}

Task<void> Workers::stop() {
  const auto all = std::exchange(workers_, {});
  for (const auto& worker : all) worker->process->signal(SIGTERM);
  for (const auto& worker : all) co_await end_process(platform_, *worker->process);
}

Task<void> end_process(platform::Platform& platform, platform::Process& process) {
  process.signal(SIGTERM);
  const auto deadline = platform.clock.monotonic() + kProcessPatience;
  while (!process.exited()) {
    if (platform.clock.monotonic() >= deadline) process.signal_group(SIGKILL);
    co_await platform.clock.sleep(kProcessLook);
  }
  process.signal_group(SIGKILL);
}

}  // namespace tarn::emr
