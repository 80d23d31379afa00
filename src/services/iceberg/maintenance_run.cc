// A run: its worker, its order, its end.
#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "platform/log.h"
#include "services/iceberg/glue_table.h"
#include "services/iceberg/maintenance.h"

namespace tarn::iceberg {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{200};
constexpr std::size_t kLongestEvent = std::size_t{1} << 20;
// Keys are good for at least half an hour when they are given (storage_credentials.h).
static_assert(Maintenance::kLongestRun * 2 <= StorageCredentials::kLife);

std::string folder_of(const std::string& location) {
  return location.substr(0, location.rfind('/'));
}

// Tables whose files lie in the same folder: what one of them does not name may be the other's.
bool overlaps(std::string a, std::string b) {
  a = strip_slashes(std::move(a)) + "/";
  b = strip_slashes(std::move(b)) + "/";
  return a.starts_with(b) || b.starts_with(a);
}

std::string location_of(const glue::Table& table) {
  return table.storage_descriptor ? table.storage_descriptor->location.value_or("") : "";
}

}  // namespace

Task<void> Maintenance::execute(Run run) {
  running_ = run;
  run->state = MaintenanceRun::State::kRunning;
  run->started = platform_.clock.now();
  if (run->kind != "purge") known_[run->identifier.text()].last_started = run->started;
  const Status outcome = co_await run_worker(run);
  finish(run, outcome);
  const glue::Owner whose = owner();
  if (run->state == MaintenanceRun::State::kDone && run->kind == "purge") {
    const auto forget = [&] {
      return metastore_.forget_purge(run->purge_key);
    };
    const Status forgotten = co_await platform_.tasks.offload(forget);
    if (!forgotten.ok()) spdlog::warn("maintenance: {}", forgotten.error().message);
  } else if (run->kind != "purge") {
    const auto find_table = [&] {
      return metastore_.table(whose, run->identifier.namespace_name, run->identifier.name);
    };
    const auto table = co_await platform_.tasks.offload(find_table);
    if (table.ok()) known_[run->identifier.text()].location_after = metadata_location(*table);
  }
  // Until here the run is the running one, from here an ended one: never both, never neither.
  ended_.push_front(run);
  if (ended_.size() > kMaxKept) ended_.pop_back();
  running_ = nullptr;
}

void Maintenance::finish(const Run& run, const Status& outcome) {
  run->ended = platform_.clock.now();
  run->process.reset();
  if (!run->reason.empty() && run->kill_at) {
    run->state = MaintenanceRun::State::kStopped;
  } else if (!outcome.ok()) {
    run->state = MaintenanceRun::State::kFailed;
    if (run->reason.empty()) run->reason = outcome.error().message;
  } else {
    run->state = MaintenanceRun::State::kDone;
  }
  spdlog::info("maintenance: run {} of {} ended: {}", run->id, run->identifier.text(),
               run->reason.empty() ? dump(run->steps) : run->reason);
}

Task<Status> Maintenance::run_worker(Run run) {
  Grant grant;
  TARN_CO_TRY(const Json order, co_await order_of(run, grant));
  TARN_CO_TRY(platform::ProcessSpec worker, co_await worker_of(run, grant));
  // A stop may have come while the order was made.
  if (run->kill_at || stopping_) co_return Error(code::kCancelled, "it was stopped");
  TARN_CO_TRY(run->process, platform_.processes.spawn(std::move(worker)));
  ++background_;
  tarn::start(guard(run), [this] { --background_; });
  std::string line = dump(order) + "\n";
  TARN_CO_CHECK(co_await run->process->write(std::move(line)));
  co_await read_events(run);
  const platform::ExitStatus status = co_await run->process->wait();
  // Nothing of it stays behind.
  run->process->signal_group(SIGKILL);
  if (status.success()) co_return Status();
  co_return Error(code::kIo, fmt::format("its worker ended with {}; see {}/{}.log", status.text(),
                                         options_.data_directory, run->id));
}

Grant Maintenance::grant_of(const Identifier& identifier, const TableMetadata& metadata) const {
  const auto arn = [&](const std::string& resource) {
    return make_arn("glue", options_.region, credentials_.root().account_id, resource);
  };
  Grant out;
  // The callers add the folder of the metadata: a registered table's may lie elsewhere.
  out.locations = table_folders(metadata);
  out.write = true;
  out.glue_actions = {"glue:GetCatalog", "glue:GetTable", "glue:UpdateTable"};
  out.glue_resources = {arn("catalog"),
                        arn("table/" + identifier.namespace_name + "/" + identifier.name)};
  return out;
}

Task<Result<Json>> Maintenance::order_of(Run run, Grant& grant) {
  Json order;
  order["kind"] = run->kind;
  order["endpoint"] = options_.endpoint_url;
  order["region"] = options_.region;
  order["database"] = run->identifier.namespace_name;
  order["table"] = run->identifier.name;
  if (run->kind == "purge") {
    order["metadata_location"] = run->metadata_location;
    TARN_CO_TRY(const std::string text, co_await files_.read(run->metadata_location));
    TARN_CO_TRY(const TableMetadata metadata, TableMetadata::parse(text));
    grant = grant_of(run->identifier, metadata);
    grant.glue_actions.clear();
    grant.locations.push_back(folder_of(run->metadata_location));
    co_return order;
  }
  const glue::Owner whose = owner();
  const auto list = [&] {
    return metastore_.search_tables(whose, &is_table);
  };
  TARN_CO_TRY(const auto tables, co_await platform_.tasks.offload(list));
  const auto own = std::find_if(tables.begin(), tables.end(), [&](const glue::Table& table) {
    return table.database_name == run->identifier.namespace_name &&
           table.name == run->identifier.name && is_table(table);
  });
  if (own == tables.end()) co_return no_such_table(run->identifier.text());
  const std::string location = metadata_location(*own);
  TARN_CO_TRY(const std::string text, co_await files_.read(location));
  TARN_CO_TRY(const TableMetadata metadata, TableMetadata::parse(text));
  TARN_CO_TRY(const MaintenancePolicy policy, MaintenancePolicy::of(metadata));
  grant = grant_of(run->identifier, metadata);
  grant.locations.push_back(folder_of(location));
  order["steps"] = policy.steps();
  order["target_file_size_bytes"] = policy.target_file_size_bytes;
  order["min_input_files"] = policy.min_input_files;
  order["older_than_ms"] = policy.older_than_ms;
  for (const auto& other : tables) {
    if (&other == &*own || !overlaps(location_of(other), metadata.location())) continue;
    order["shares_location_with"] = other.database_name.value_or("") + "." + other.name;
  }
  co_return order;
}

Task<Result<platform::ProcessSpec>> Maintenance::worker_of(Run run, Grant grant) {
  const std::string log = fmt::format("{}/{}.log", options_.data_directory, run->id);
  const auto prepare = [&]() -> Result<iam::Credential> {
    TARN_CHECK(platform_.files.make_directories(options_.data_directory));
    return storage_credentials_.issue(credentials_.root().access_key_id, grant);
  };
  TARN_CO_TRY(const iam::Credential keys, co_await platform_.tasks.offload(prepare));
  platform::ProcessSpec out;
  out.arguments = {options_.python, "-m", "tarn_maintenance"};
  out.environment = {
      {"PATH", "/usr/bin:/bin"},
      {"HOME", options_.data_directory},
      {"LANG", "C.UTF-8"},
      {"TZ", "UTC"},
      {"PYTHONPATH", options_.worker_directory},
      {"PYTHONDONTWRITEBYTECODE", "1"},
      {"AWS_ACCESS_KEY_ID", keys.access_key_id},
      {"AWS_SECRET_ACCESS_KEY", keys.secret_access_key},
      {"AWS_SESSION_TOKEN", keys.session_token},
      {"AWS_EC2_METADATA_DISABLED", "true"},
      {"AWS_CONFIG_FILE", "/dev/null"},
      {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
  };
  out.directory = options_.data_directory;
  out.output_path = log;
  out.with_pipes = true;
  co_return out;
}

Task<void> Maintenance::read_events(Run run) {
  for (;;) {
    auto line = co_await run->process->read_line(kLongestEvent);
    if (!line.ok()) {
      run->reason = "its answers cannot be read: " + line.error().message;
      run->process->signal_group(SIGKILL);
      co_return;
    }
    if (!line->has_value()) co_return;
    const Json event = wire::parse_ordered_json(**line);
    if (event.is_object()) take(*run, event);
  }
}

void Maintenance::take(MaintenanceRun& run, const Json& event) {
  if (text_or(event, "event", "") == "failed") {
    if (run.reason.empty()) run.reason = text_or(event, "reason", "");
    return;
  }
  Json step = event;
  step.erase("event");
  run.steps.push_back(std::move(step));
}

// Ends a worker that takes too long or does not heed SIGTERM.
Task<void> Maintenance::guard(Run run) {
  const auto latest = platform_.clock.monotonic() + kLongestRun;
  while (running_ == run && run->process) {
    const auto now = platform_.clock.monotonic();
    if (now >= latest && run->reason.empty()) {
      run->reason = fmt::format("it took longer than {} s", kLongestRun.count());
      run->process->signal_group(SIGKILL);
    }
    if (run->kill_at && now >= *run->kill_at) run->process->signal_group(SIGKILL);
    co_await platform_.clock.sleep(kTick);
  }
}

}  // namespace tarn::iceberg
