#include "services/emr/hosts.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"

namespace tarn::emr {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kRemoteLook{100};
constexpr int kReportVersion = 1;

std::string text_of(const json& value, const char* member) {
  const auto found = value.find(member);
  return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_of(const json& value, const char* member) {
  const auto found = value.find(member);
  return found != value.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Result<HostFacts> facts_of(const json& report) {
  if (!report.is_object() || number_of(report, "version") != kReportVersion) {
    return Error("InvalidRequestException",
                 fmt::format("The report is not of version {}: run the agent of the same tarn.",
                             kReportVersion));
  }
  HostFacts out;
  out.address = text_of(report, "address");
  out.run = text_of(report, "run");
  out.name = text_of(report, "name");
  out.server_address = text_of(report, "server_address");
  out.capacity.vcpu = static_cast<int>(number_of(report, "cores"));
  out.capacity.memory_mib = number_of(report, "memory_mib");
  out.disk_mib = number_of(report, "disk_mib");
  out.leaving = report.value("leaving", false);
  if (out.address.empty() || out.run.empty() || out.capacity.vcpu < 1) {
    return Error("InvalidRequestException", "A report tells address, run and cores.");
  }
  return out;
}

}  // namespace

// The agent's end is seen through its reports.
class Hosts::RemoteProcess final : public platform::Process {
 public:
  RemoteProcess(platform::Clock& clock, std::shared_ptr<Worker> worker)
      : clock_(clock), worker_(std::move(worker)) {}
  RemoteProcess(const RemoteProcess&) = delete;
  RemoteProcess& operator=(const RemoteProcess&) = delete;
  ~RemoteProcess() override { worker_->stopped = true; }

  [[nodiscard]] int pid() const override { return 0; }
  // Any signal is an end here.
  void signal(int /*number*/) override { worker_->stopped = true; }
  // Its agent may be out of reach, or this server about to stop: it obeys with its next report, or
  // by itself when it has had no answer for a while.
  void signal_group(int number) override {
    worker_->stopped = true;
    if (number == SIGKILL && !worker_->end) worker_->end = platform::ExitStatus{0, SIGKILL};
  }
  [[nodiscard]] Task<platform::ExitStatus> wait() override {
    while (!worker_->end) co_await clock_.sleep(kRemoteLook);
    co_return *worker_->end;
  }
  [[nodiscard]] std::optional<platform::ExitStatus> exited() const override { return worker_->end; }
  Task<Status> write(std::string /*data*/) override {
    co_return Error(code::kCancelled, "a worker of another host has no pipe");
  }
  Task<Result<std::optional<std::string>>> read_line(std::size_t /*max_bytes*/) override {
    co_return std::optional<std::string>();
  }

 private:
  platform::Clock& clock_;
  std::shared_ptr<Worker> worker_;
};

Result<json> Hosts::report(const json& report) {
  TARN_TRY(const HostFacts facts, facts_of(report));
  Host& host = hosts_[facts.address];
  const bool again = host.facts.run == facts.run && !host.lost;
  if (!again) {
    // What a former start of the agent ran ended with it.
    lose(host);
    host = Host();
    host.joined = clock_.now();
    spdlog::info("emr: host {} ({}) has joined: {} cores, {} MiB", facts.address, facts.name,
                 facts.capacity.vcpu, facts.capacity.memory_mib);
  }
  host.facts = facts;
  host.heard = clock_.monotonic();
  server_address_ = facts.server_address;
  const auto list = report.find("workers");
  take_workers(list == report.end() ? json::array() : *list, host);
  json workers = json::array();
  for (const auto& [id, worker] : host.workers) {
    if (worker->stopped || worker->end) continue;
    json order = worker->order;
    order["id"] = id;
    workers.push_back(std::move(order));
  }
  const bool done = facts.leaving && host.workers.empty();
  if (done) {
    spdlog::info("emr: host {} has left", facts.address);
    host.lost = true;
  }
  return json{{"version", kReportVersion}, {"done", done}, {"workers", std::move(workers)}};
}

void Hosts::take_workers(const json& list, Host& host) {
  std::map<std::string, json> told;
  if (list.is_array()) {
    for (const json& entry : list) {
      if (entry.is_object()) told[text_of(entry, "id")] = entry;
    }
  }
  for (auto it = host.workers.begin(); it != host.workers.end();) {
    Worker& worker = *it->second;
    const auto found = told.find(it->first);
    if (found == told.end()) {
      if (worker.seen || worker.stopped) worker.end = platform::ExitStatus{0, SIGTERM};
    } else if (found->second.contains("end")) {
      const json& end = found->second["end"];
      worker.end = platform::ExitStatus{static_cast<int>(number_of(end, "code")),
                                        static_cast<int>(number_of(end, "signal"))};
    } else {
      worker.seen = true;
    }
    it = worker.end ? host.workers.erase(it) : std::next(it);
  }
}

void Hosts::lose(Host& host) {
  for (const auto& [id, worker] : host.workers) worker->end = platform::ExitStatus{0, SIGKILL};
  host.workers.clear();
  host.lost = true;
}

void Hosts::look() {
  const auto now = clock_.monotonic();
  for (auto& [address, host] : hosts_) {
    if (host.lost || now - host.heard <= kLostAfter) continue;
    spdlog::warn("emr: host {} ({}) is lost: no report for {} s", address, host.facts.name,
                 kLostAfter.count());
    lose(host);
  }
}

bool Hosts::any() const {
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [](const auto& each) { return !each.second.lost; });
}

std::vector<HostFacts> Hosts::usable() const {
  std::vector<HostFacts> out;
  for (const auto& [address, host] : hosts_) {
    if (!host.lost && !host.facts.leaving) out.push_back(host.facts);
  }
  return out;
}

bool Hosts::is_lost(std::string_view address) const {
  const auto found = hosts_.find(address);
  return found == hosts_.end() || found->second.lost;
}

json Hosts::describe() const {
  json out = json::array();
  for (const auto& [address, host] : hosts_) {
    const char* const state = host.lost ? "lost" : host.facts.leaving ? "leaving" : "joined";
    out.push_back({{"address", address},
                   {"name", host.facts.name},
                   {"state", state},
                   {"cores", host.facts.capacity.vcpu},
                   {"memory_mib", host.facts.capacity.memory_mib},
                   {"disk_mib", host.facts.disk_mib},
                   {"workers", host.workers.size()},
                   {"joined_ms", host.joined.ms}});
  }
  return out;
}

Result<std::unique_ptr<platform::Process>> Hosts::spawn(const std::string& address, json order) {
  const auto found = hosts_.find(address);
  if (found == hosts_.end() || found->second.lost) {
    return Error(code::kNotFound, fmt::format("host {} has not joined", address));
  }
  auto worker = std::make_shared<Worker>();
  worker->id = fmt::format("w-{}", next_worker_++);
  worker->order = std::move(order);
  found->second.workers[worker->id] = worker;
  std::unique_ptr<platform::Process> process =
      std::make_unique<RemoteProcess>(clock_, std::move(worker));
  return process;
}

}  // namespace tarn::emr
