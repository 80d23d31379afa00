// The schedule: which table is due, what waits, what was done.
#include "services/iceberg/maintenance.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/iceberg/glue_table.h"

namespace tarn::iceberg {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{500};
// Where nothing was committed there is nothing new but orphans, for which this is often enough.
constexpr milliseconds kUnchanged{24LL * 3600 * 1000};

std::string_view name_of(MaintenanceRun::State state) {
  switch (state) {
    case MaintenanceRun::State::kQueued: return "queued";
    case MaintenanceRun::State::kRunning: return "running";
    case MaintenanceRun::State::kDone: return "done";
    case MaintenanceRun::State::kFailed: return "failed";
    case MaintenanceRun::State::kStopped: return "stopped";
  }
  return "";
}

Json time_of(const std::optional<Timestamp>& time) {
  return time ? Json(time->ms) : Json();
}

Json describe_run(const MaintenanceRun& run) {
  Json out;
  out["id"] = run.id;
  out["table"] = run.identifier.text();
  out["kind"] = run.kind;
  out["trigger"] = run.trigger;
  out["state"] = name_of(run.state);
  out["started-ms"] = time_of(run.started);
  out["ended-ms"] = time_of(run.ended);
  out["steps"] = run.steps;
  out["reason"] = run.reason.empty() ? Json() : Json(run.reason);
  return out;
}

Identifier identifier_of_table(const glue::Table& table) {
  return {table.database_name.value_or(""), table.name};
}

}  // namespace

Maintenance::Maintenance(platform::Platform platform, glue::Metastore& metastore,
                         s3::ObjectStore& objects, iam::Credentials& credentials,
                         MaintenanceOptions options)
    : platform_(platform),
      metastore_(metastore),
      files_(objects),
      credentials_(credentials),
      storage_credentials_(credentials, platform.clock),
      options_(std::move(options)) {}

void Maintenance::start() {
  ++background_;
  platform_.tasks.control().post([this] { tarn::start(loop(), [this] { --background_; }); });
}

Task<void> Maintenance::shut_down() {
  stopping_ = true;
  queue_.clear();
  if (running_ && running_->process) {
    running_->reason = "the server stopped";
    running_->process->signal_group(9);
  }
  while (background_ > 0) co_await platform_.clock.sleep(milliseconds(20));
}

glue::Owner Maintenance::owner() const {
  const auto& root = credentials_.root();
  return {root.account_id, options_.region, root.arn};
}

Status Maintenance::check() const {
  if (!platform_.files.exists(options_.python)) {
    return Error(code::kInvalid,
                 fmt::format("Table maintenance needs the Python environment of the runtime, and "
                             "{} is not there: run ./dev setup.",
                             options_.python));
  }
  if (!platform_.files.exists(options_.worker_directory + "/tarn_maintenance/__main__.py")) {
    return Error(code::kInvalid,
                 fmt::format("The maintenance worker is not in {}: this installation is "
                             "incomplete.",
                             options_.worker_directory));
  }
  return {};
}

Task<void> Maintenance::loop() {
  // Logs of runs before the last start: ids begin anew.
  const auto clean = [&]() -> Status {
    if (!platform_.files.exists(options_.data_directory)) return {};
    return platform_.files.remove_tree(options_.data_directory);
  };
  const Status cleaned = co_await platform_.tasks.offload(clean);
  if (!cleaned.ok()) spdlog::warn("maintenance: {}", cleaned.error().message);
  while (!stopping_) {
    if (platform_.clock.monotonic() >= next_look_) {
      next_look_ = platform_.clock.monotonic() + options_.look_every;
      co_await look();
    }
    if (!stopping_ && !queue_.empty()) {
      Run run = queue_.front();
      queue_.pop_front();
      co_await execute(std::move(run));
      continue;
    }
    co_await platform_.clock.sleep(kTick);
  }
}

Task<void> Maintenance::look() {
  co_await look_for_purges();
  const auto list = [&] {
    return metastore_.search_tables(owner(), &is_table);
  };
  const auto tables = co_await platform_.tasks.offload(list);
  if (!tables.ok()) {
    spdlog::warn("maintenance: {}", tables.error().message);
    co_return;
  }
  std::map<std::string, Known> still;
  for (const auto& table : *tables) {
    if (stopping_) co_return;
    const std::string name = identifier_of_table(table).text();
    if (auto node = known_.extract(name); !node.empty()) still.insert(std::move(node));
  }
  known_ = std::move(still);
  for (const auto& table : *tables) {
    if (stopping_) co_return;
    co_await look_at(table);
  }
}

Task<void> Maintenance::look_at(const glue::Table& table) {
  const Identifier identifier = identifier_of_table(table);
  const std::string location = metadata_location(table);
  Known& known = known_[identifier.text()];
  if (known.location != location) {
    auto text = co_await files_.read(location);
    auto metadata = text.ok() ? TableMetadata::parse(*text) : Result<TableMetadata>(text.error());
    if (!metadata.ok()) co_return;  // to be tried at the next look
    auto policy = MaintenancePolicy::of(*metadata);
    known.fault = policy.ok() ? "" : policy.error().message;
    known.policy = policy.ok() ? *policy : MaintenancePolicy();
    known.location = location;
  }
  if (!known.policy.enabled || !is_due(known, location) || waits(identifier)) co_return;
  if (check().ok()) enqueue(identifier, "maintenance", "schedule");
}

bool Maintenance::is_due(const Known& known, const std::string& location) const {
  if (!known.last_started) return true;
  const Timestamp now = platform_.clock.now();
  if (now < *known.last_started + known.policy.interval) return false;
  return location != known.location_after || now >= *known.last_started + kUnchanged;
}

Task<void> Maintenance::look_for_purges() {
  const auto list = [&] {
    return metastore_.purges(owner());
  };
  const auto purges = co_await platform_.tasks.offload(list);
  if (!purges.ok() || !check().ok()) co_return;
  for (const auto& [key, table] : *purges) {
    const bool known = std::any_of(queue_.begin(), queue_.end(),
                                   [&](const Run& run) { return run->purge_key == key; });
    // One that failed is tried again after the next start.
    const bool tried = std::any_of(ended_.begin(), ended_.end(),
                                   [&](const Run& run) { return run->purge_key == key; });
    if (known || tried) continue;
    const Run run = enqueue(identifier_of_table(table), "purge", "drop");
    if (!run) co_return;
    run->purge_key = key;
    run->metadata_location = metadata_location(table);
  }
}

bool Maintenance::waits(const Identifier& identifier) const {
  const auto is_it = [&](const Run& run) {
    return run->identifier.text() == identifier.text() && run->kind != "purge";
  };
  return (running_ && is_it(running_)) || std::any_of(queue_.begin(), queue_.end(), is_it);
}

Maintenance::Run Maintenance::enqueue(const Identifier& identifier, const char* kind,
                                      const char* trigger) {
  if (queue_.size() >= kMaxQueued) return nullptr;
  auto run = std::make_shared<MaintenanceRun>();
  run->id = next_id_++;
  run->kind = kind;
  run->trigger = trigger;
  run->identifier = identifier;
  queue_.push_back(run);
  return run;
}

Result<int> Maintenance::request(const Identifier& identifier) {
  TARN_CHECK(check());
  for (const auto& run : queue_) {
    if (run->identifier.text() == identifier.text() && run->kind != "purge") return run->id;
  }
  const Run run = enqueue(identifier, "maintenance", "request");
  if (run) return run->id;
  return Error("TooManyRequests", fmt::format("{} runs wait already.", kMaxQueued), 429);
}

Status Maintenance::stop(int id) {
  if (running_ && running_->id == id && running_->state == MaintenanceRun::State::kRunning) {
    running_->reason = "it was stopped";
    if (running_->process) running_->process->signal(15);
    running_->kill_at = platform_.clock.monotonic() + kPatience;
    return {};
  }
  const auto queued =
      std::find_if(queue_.begin(), queue_.end(), [&](const Run& run) { return run->id == id; });
  if (queued != queue_.end()) {
    (*queued)->state = MaintenanceRun::State::kStopped;
    (*queued)->reason = "it was stopped";
    (*queued)->ended = platform_.clock.now();
    ended_.push_front(*queued);
    queue_.erase(queued);
    return {};
  }
  const auto is_it = [&](const Run& run) {
    return run->id == id;
  };
  const bool ended =
      (running_ && is_it(running_)) || std::any_of(ended_.begin(), ended_.end(), is_it);
  if (ended) return Error("Conflict", fmt::format("Run {} has ended.", id), 409);
  return Error("NotFound", fmt::format("There is no run {}.", id), 404);
}

Json Maintenance::describe() const {
  Json out;
  out["tables"] = Json::array();
  for (const auto& [name, known] : known_) {
    if (!known.policy.enabled && known.fault.empty()) continue;
    Json table;
    table["table"] = name;
    table["interval-ms"] = known.policy.interval.count();
    table["steps"] = known.policy.steps();
    table["last-started-ms"] = time_of(known.last_started);
    table["fault"] = known.fault.empty() ? Json() : Json(known.fault);
    out["tables"].push_back(std::move(table));
  }
  out["runs"] = Json::array();
  for (auto run = queue_.rbegin(); run != queue_.rend(); ++run)
    out["runs"].push_back(describe_run(**run));
  if (running_) out["runs"].push_back(describe_run(*running_));
  for (const auto& run : ended_) out["runs"].push_back(describe_run(*run));
  return out;
}

}  // namespace tarn::iceberg
