#include "services/emr/agent.h"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/emr/logs.h"
#include "services/emr/orders.h"
#include "services/emr/workers.h"

namespace tarn::emr {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kReportPatience{5000};
constexpr const char* kReportPath = "/_tarn/agents/report";
// Answers after which asking again is of no use.
constexpr int kRefusals[] = {400, 401, 403, 404, 405};

}  // namespace

Agent::Agent(platform::Platform platform, platform::Network& network, sandbox::Sandboxes& sandboxes,
             AgentOptions options)
    : platform_(platform),
      network_(network),
      sandboxes_(sandboxes),
      options_(std::move(options)),
      run_(platform.random.uuid()) {}

Task<Status> Agent::run() {
  heard_ = platform_.clock.monotonic();
  Status status;
  while (!stopping_) {
    note_ends();
    co_await bound_logs();
    const Result<bool> done = co_await ask();
    if (!done.ok()) {
      status = done.error();
      break;
    }
    if (*done) break;
    if (platform_.clock.monotonic() - heard_ > kServerPatience) {
      if (!workers_.empty()) spdlog::warn("agent: the server is gone; its workers are ended");
      co_await end_all();
      if (leaving_) break;
    }
    co_await platform_.clock.sleep(kReportEvery);
  }
  co_await end_all();
  co_return status;
}

json Agent::report() const {
  json workers = json::array();
  for (const auto& [id, worker] : workers_) {
    json entry = {{"id", id}};
    if (worker.end) entry["end"] = {{"code", worker.end->code}, {"signal", worker.end->signal}};
    workers.push_back(std::move(entry));
  }
  return {{"version", 1},
          {"run", run_},
          {"name", options_.name},
          {"spark", options_.spark.spark_version},
          {"cores", options_.capacity.vcpu},
          {"memory_mib", options_.capacity.memory_mib},
          {"disk_mib", options_.disk_mib},
          {"leaving", leaving_},
          {"workers", std::move(workers)}};
}

Task<Result<bool>> Agent::ask() {
  platform::PageRequest request;
  request.method = "POST";
  request.path = kReportPath;
  request.headers = {{"Authorization", "Bearer " + options_.token},
                     {"Content-Type", "application/json"}};
  // The addresses of both sides are those of the connection.
  request.content = [base = report()](const platform::ConnectionEnds& ends) {
    json whole = base;
    whole["address"] = ends.own;
    whole["server_address"] = ends.other;
    return whole.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  const auto call = [&] {
    return network_.call(options_.server_host, options_.server_port, request, kReportPatience);
  };
  const auto page = co_await platform_.tasks.offload(call);
  if (!page.ok()) {
    spdlog::debug("agent: {}", page.error().message);
    co_return false;
  }
  const json answer = wire::parse_json(page->content);
  if (page->status != 200) {
    const std::string said = answer.is_object() ? answer.value("msg", "") : "";
    for (const int refusal : kRefusals) {
      if (page->status == refusal) {
        co_return Error(code::kInvalid, fmt::format("the server refused this agent: {}", said));
      }
    }
    co_return false;
  }
  heard_ = platform_.clock.monotonic();
  if (!answer.is_object() || !answer.contains("workers")) co_return false;
  json orders = answer["workers"];
  co_await follow(std::move(orders));
  co_return answer.value("done", false);
}

Task<void> Agent::follow(json orders) {
  std::set<std::string> wanted;
  for (const json& order : orders) wanted.insert(order.value("id", ""));
  std::vector<std::string> unwanted;
  for (const auto& [id, worker] : workers_) {
    if (!wanted.contains(id)) unwanted.push_back(id);
  }
  for (const std::string& id : unwanted) {
    std::string name = id;
    co_await end(std::move(name));
  }
  for (const json& order : orders) {
    std::string id = order.value("id", "");
    if (workers_.contains(id)) continue;
    json copy = order;
    const std::string label = id;
    const Status started = co_await start(std::move(id), std::move(copy));
    if (started.ok()) continue;
    spdlog::warn("agent: worker {}: {}", label, started.error().message);
    workers_[label].end = platform::ExitStatus{127, 0};
  }
}

// What it has of the worker is in workers_, also where it fails: end() takes it away.
Task<Status> Agent::start(std::string id, json order) {
  if (id.empty() || id.find_first_of("/.") != std::string::npos) {
    co_return Error(code::kInvalid, "its id is none");
  }
  workers_[id] = Worker();
  TARN_CO_TRY(const WorkerOrder parsed, parse_order(order));
  EmrOptions options = options_.spark;
  options.data_directory += "/" + id;
  follow_order(parsed, options);
  workers_[id].folder = options.data_directory;
  std::optional<sandbox::Sandbox> box;
  const auto prepare_all = [&]() -> Status {
    TARN_CHECK(write_trust(parsed, options, platform_.files));
    TARN_CHECK(prepare(options, parsed.cluster, platform_.files));
    TARN_TRY(box, sandboxes_.open(sandbox_request(options, parsed.cluster)));
    return {};
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(prepare_all));
  add_paths(parsed, options, *box);
  Worker& worker = workers_[id];
  worker.box = box;
  auto spec = worker_process(options, parsed.cluster, parsed.keys, *box, parsed.plan);
  worker.log = spec.output_path;
  auto process = platform_.processes.spawn(sandboxes_.enclosed(*box, std::move(spec)));
  if (!process.ok()) co_return process.error();
  worker.process = std::move(process).value();
  spdlog::info("agent: worker {} of cluster {} with {} cores and {} MiB", id, parsed.cluster.id,
               parsed.plan.share.capacity.vcpu, parsed.plan.share.capacity.memory_mib);
  co_return Status();
}

// Executors' logs are bounded by their worker.
Task<void> Agent::bound_logs() {
  std::vector<std::string> paths;
  for (const auto& [id, worker] : workers_) {
    if (!worker.log.empty()) paths.push_back(worker.log);
  }
  const auto bound = [&]() -> Status {
    for (const std::string& path : paths) {
      if (platform_.files.exists(path)) TARN_CHECK(bound_log(platform_.files, path));
    }
    return {};
  };
  const Status bounded = co_await platform_.tasks.offload(bound);
  if (!bounded.ok()) spdlog::warn("agent: {}", bounded.error().message);
}

void Agent::note_ends() {
  for (auto& [id, worker] : workers_) {
    if (!worker.process || !worker.process->exited()) continue;
    worker.end = sandboxes_.ended(*worker.process->exited());
    worker.process.reset();
    spdlog::info("agent: worker {} ended with {}", id, worker.end->text());
  }
}

Task<void> Agent::end(std::string id) {
  const auto found = workers_.find(id);
  if (found == workers_.end()) co_return;
  Worker worker = std::move(found->second);
  workers_.erase(found);
  if (worker.process) {
    co_await end_process(platform_, *worker.process);
    worker.process.reset();
  }
  if (worker.box) {
    sandbox::Sandbox box = *std::move(worker.box);
    co_await sandboxes_.close(std::move(box));
  }
  const std::string folder = worker.folder;
  const auto remove = [&]() -> Status {
    if (folder.empty() || !platform_.files.exists(folder)) return {};
    return platform_.files.remove_tree(folder);
  };
  const Status removed = co_await platform_.tasks.offload(remove);
  if (!removed.ok()) spdlog::warn("agent: after worker {}: {}", id, removed.error().message);
}

Task<void> Agent::end_all() {
  while (!workers_.empty()) {
    std::string id = workers_.begin()->first;
    co_await end(std::move(id));
  }
}

}  // namespace tarn::emr
