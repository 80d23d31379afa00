// NotebookExecutions: notebooks that run on clusters without anybody watching.
//
// Place: services/emr, under notebook_actions.cc; each runs as a process of its cluster, by Life.
// Threads: the control strand, but for load().
// States: https://docs.aws.amazon.com/emr/latest/APIReference/API_NotebookExecution.html
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/emr/clusters.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::emr {

namespace execution_state = values::notebook_execution_status;

struct ExecutionRecord {
  std::string id;  // "ex-…"
  std::string account;
  std::string region;
  StartNotebookExecutionInput request;  // as it came
  std::map<std::string, std::string> tags;
  std::string state{execution_state::kStartPending};
  std::string reason;
  std::string output_bucket;  // empty: its output is kept nowhere
  std::string output_key;
  Timestamp started;
  std::optional<Timestamp> ended;

  [[nodiscard]] bool over() const {
    return state == execution_state::kFinished || state == execution_state::kFailed ||
           state == execution_state::kStopped;
  }
  [[nodiscard]] std::string arn() const;
};

class NotebookExecutions {
 public:
  using Entry = std::shared_ptr<ExecutionRecord>;

  // The references outlive it.
  NotebookExecutions(platform::Platform platform, store::Journal& journal)
      : platform_(platform), journal_(journal) {}

  // Reads all; what ran when the last server ended has failed. Blocks. Errors: kIo, kDiskFull,
  // kCorrupt.
  [[nodiscard]] Status load(store::Store& store);
  // Records it and begins it. Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> add(ExecutionRecord record, Clusters::Entry life);
  // From now on STOP_PENDING; nothing where it has ended.
  void stop(const Entry& execution);
  // nullptr: there is none in the account and Region.
  [[nodiscard]] Entry find(const Caller& caller, std::string_view id) const;
  // Newest first.
  [[nodiscard]] std::vector<Entry> list(const Caller& caller) const;
  // Returns once none is watched any more; clusters end their processes.
  [[nodiscard]] Task<void> shut_down();

 private:
  Task<void> run(Entry execution, Clusters::Entry life);
  [[nodiscard]] Task<bool> wait_for_cluster(Entry execution, Clusters::Entry life);
  [[nodiscard]] Task<void> watch(Entry execution, std::shared_ptr<Run> process);
  void tell(ExecutionRecord& execution, std::string_view state, std::string reason);
  [[nodiscard]] Task<void> keep(Entry execution);

  platform::Platform platform_;
  store::Journal& journal_;
  std::map<std::string, Entry, std::less<>> all_;  // by id
  std::size_t running_ = 0;
  bool stopping_ = false;
};

}  // namespace tarn::emr
