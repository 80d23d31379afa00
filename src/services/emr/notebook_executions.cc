#include "services/emr/notebook_executions.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "platform/log.h"
#include "services/emr/notebook_record.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kExecutionLook{200};
constexpr std::chrono::seconds kStopPatience{10};  // between SIGTERM and SIGKILL
constexpr std::chrono::hours kExecutionKept{24 * 60};

// What node/tarn_cluster/notebook.py is told.
std::string notebook_order(const ExecutionRecord& execution) {
  const StartNotebookExecutionInput& asked = execution.request;
  json output = nullptr;
  if (!execution.output_bucket.empty()) {
    output = {{"Bucket", execution.output_bucket}, {"Key", execution.output_key}};
  }
  const json notebook = {
      {"cluster", asked.execution_engine.id},
      {"input",
       {{"Bucket", asked.notebook_s3_location->bucket.value_or("")},
        {"Key", asked.notebook_s3_location->key.value_or("")}}},
      {"output", output},
      {"format", asked.output_notebook_format.value_or("")},
      {"parameters", asked.notebook_params.value_or("")},
      {"environment", asked.environment_variables.value_or(std::map<std::string, std::string>())}};
  const json order = {{"notebook", notebook}};
  return order.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string ExecutionRecord::arn() const {
  return make_arn("elasticmapreduce", region, account, "notebook-execution/" + id);
}

Status NotebookExecutions::load(store::Store& store) {
  TARN_TRY(const auto records, store.scan(store::Space::kEmr, kExecutionPrefix));
  store::Batch changed;
  const Timestamp now = platform_.clock.now();
  for (const auto& [key, record] : records) {
    TARN_TRY(ExecutionRecord execution, decode_execution(record));
    if (execution.over() && *execution.ended + kExecutionKept < now) {
      changed.remove(store::Space::kEmr, key);
      continue;
    }
    if (!execution.over()) {
      execution.state = execution_state::kFailed;
      execution.reason = "The server stopped while the notebook ran, and its processes with it.";
      execution.ended = now;
      changed.put(store::Space::kEmr, key, encode(execution));
    }
    const std::string id = execution.id;
    all_.emplace(id, std::make_shared<ExecutionRecord>(std::move(execution)));
  }
  return changed.empty() ? Status() : store.commit(changed);
}

Task<Status> NotebookExecutions::add(ExecutionRecord record, Clusters::Entry life) {
  if (stopping_) co_return Error("InternalServerException", "The server is stopping.");
  store::Batch batch;
  batch.put(store::Space::kEmr, execution_key(record.id), encode(record));
  ++running_;
  const Status recorded = co_await journal_.commit(std::move(batch));
  if (!recorded.ok()) {
    --running_;
    co_return recorded;
  }
  const std::string id = record.id;
  const auto entry = std::make_shared<ExecutionRecord>(std::move(record));
  all_.emplace(id, entry);
  start(run(entry, life), [this] { --running_; });
  co_return Status();
}

void NotebookExecutions::stop(const Entry& execution) {
  if (!execution->over()) execution->state = execution_state::kStopPending;
}

// The cluster may still start.
Task<bool> NotebookExecutions::wait_for_cluster(Entry execution, Clusters::Entry life) {
  while (life->cluster().living() && !life->notebooks()) {
    if (stopping_ || execution->state == execution_state::kStopPending) co_return false;
    co_await platform_.clock.sleep(kExecutionLook);
  }
  co_return life->cluster().living();
}

Task<void> NotebookExecutions::run(Entry execution, Clusters::Entry life) {
  tell(*execution, execution_state::kStarting, "Waiting for the cluster.");
  co_await keep(execution);
  if (!co_await wait_for_cluster(execution, life)) {
    if (stopping_) co_return;
    const bool stopped = execution->state == execution_state::kStopPending;
    tell(*execution, stopped ? execution_state::kStopped : execution_state::kFailed,
         stopped ? "Stopped by user request." : "The cluster was terminated.");
    co_await keep(execution);
    co_return;
  }
  std::string order = notebook_order(*execution);
  std::string name = "notebooks/" + execution->id;
  auto process = co_await life->run_guest(std::move(name), std::move(order));
  if (!process.ok()) {
    tell(*execution, execution_state::kFailed,
         fmt::format("The notebook could not be started: {}", process.error().message));
    co_await keep(execution);
    co_return;
  }
  if (execution->state != execution_state::kStopPending) {
    tell(*execution, execution_state::kRunning, "Execution is running.");
    co_await keep(execution);
  }
  const std::shared_ptr<Run> started = *process;
  co_await watch(execution, started);
}

Task<void> NotebookExecutions::watch(Entry execution, std::shared_ptr<Run> process) {
  while (!process->done()) {
    if (execution->state == execution_state::kStopPending) {
      process->cancel(false);
      tell(*execution, execution_state::kStopping, "Stopped by user request.");
      co_await keep(execution);
    }
    if (process->cancelled() &&
        platform_.clock.monotonic() - process->cancelled_at() > kStopPatience) {
      process->cancel(true);
    }
    co_await platform_.clock.sleep(kExecutionLook);
  }
  if (stopping_) co_return;
  if (execution->state == execution_state::kStopping ||
      execution->state == execution_state::kStopPending) {
    tell(*execution, execution_state::kStopped, "Stopped by user request.");
  } else if (process->status().success()) {
    tell(*execution, execution_state::kFinished, "Execution is finished.");
  } else {
    const std::string& words = process->last_words();
    tell(*execution, execution_state::kFailed,
         words.empty() ? fmt::format("It ended with {}.", process->status().text()) : words);
  }
  co_await keep(execution);
}

void NotebookExecutions::tell(ExecutionRecord& execution, std::string_view state,
                              std::string reason) {
  execution.state = state;
  execution.reason = std::move(reason);
  if (execution.over()) execution.ended = platform_.clock.now();
}

Task<void> NotebookExecutions::keep(Entry execution) {
  store::Batch batch;
  batch.put(store::Space::kEmr, execution_key(execution->id), encode(*execution));
  const Status kept = co_await journal_.commit(std::move(batch));
  if (!kept.ok()) spdlog::warn("emr: {}: {}", execution->id, kept.error().message);
}

NotebookExecutions::Entry NotebookExecutions::find(const Caller& caller,
                                                   std::string_view id) const {
  const auto found = all_.find(id);
  if (found == all_.end()) return nullptr;
  const ExecutionRecord& execution = *found->second;
  const bool own = execution.account == caller.account_id && execution.region == caller.region;
  return own ? found->second : nullptr;
}

std::vector<NotebookExecutions::Entry> NotebookExecutions::list(const Caller& caller) const {
  std::vector<Entry> out;
  for (const auto& [id, execution] : all_) {
    if (find(caller, id)) out.push_back(execution);
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a->started, a->id) > std::pair(b->started, b->id);
  });
  return out;
}

Task<void> NotebookExecutions::shut_down() {
  stopping_ = true;
  while (running_ > 0) co_await platform_.clock.sleep(kExecutionLook);
}

}  // namespace tarn::emr
