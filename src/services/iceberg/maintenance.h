// Maintenance: compaction, snapshot expiry and orphan removal of tables that ask for it, and the
// purge of tables that were dropped so.
//
// Place: services/iceberg; made, started and stopped by src/tarn; seen and steered through
// maintenance_room.h. Threads: the control strand only.
//
// One run at a time, in a worker process of its own (worker/tarn_maintenance), which has keys of a
// session that are good for the one table, and commits through the REST catalog like any other
// writer: optimistically. A commit that loses to another is given up until the next run.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/glue/metastore.h"
#include "services/iam/credentials.h"
#include "services/iceberg/json.h"
#include "services/iceberg/maintenance_policy.h"
#include "services/iceberg/metadata_files.h"
#include "services/iceberg/request.h"

namespace tarn::iceberg {

struct MaintenanceOptions {
  std::string python;                   // an interpreter that has PyIceberg
  std::string worker_directory;         // the folder that holds tarn_maintenance
  std::string data_directory;           // workers' logs; made at start
  std::string endpoint_url;             // of this server
  std::string region;                   // whose tables are looked after
  std::chrono::seconds look_every{30};  // at all tables, for what is due
};

// One run, from its being wanted to its outcome.
struct MaintenanceRun {
  enum class State : std::uint8_t { kQueued, kRunning, kDone, kFailed, kStopped };

  int id = 0;
  std::string kind;     // "maintenance" or "purge"
  std::string trigger;  // "schedule", "request" or "drop"
  Identifier identifier;
  State state = State::kQueued;
  std::optional<Timestamp> started;
  std::optional<Timestamp> ended;
  Json steps = Json::array();  // what the worker told of each
  std::string reason;          // why it failed or was stopped

  // Of a purge.
  std::string purge_key;
  std::string metadata_location;
  // While it runs.
  std::unique_ptr<platform::Process> process;
  std::optional<std::chrono::nanoseconds> kill_at;
};

class Maintenance {
 public:
  // A worker that takes longer is ended; what it committed stays.
  static constexpr std::chrono::seconds kLongestRun{1800};
  static constexpr std::chrono::seconds kPatience{10};  // of SIGTERM
  static constexpr std::size_t kMaxQueued = 1000;
  static constexpr std::size_t kMaxKept = 100;  // ended runs

  Maintenance(platform::Platform platform, glue::Metastore& metastore, s3::ObjectStore& objects,
              iam::Credentials& credentials, MaintenanceOptions options);

  void start();
  // Ends the run under way, and with it the loop.
  [[nodiscard]] Task<void> shut_down();

  // Whether workers can run. Error (kInvalid): what is missing and how to get it.
  [[nodiscard]] Status check() const;

  // {"tables": […], "runs": […]}, newest run first.
  [[nodiscard]] Json describe() const;
  // Queues a run of the table now, whatever its properties say about time; gives its id. Errors:
  // kInvalid (check()), 429 (too many wait).
  [[nodiscard]] Result<int> request(const Identifier& identifier);
  // Error: 404; 409 where it has ended.
  Status stop(int id);
  // Something is to be done: do not wait for the next look.
  void wake() { next_look_ = {}; }

 private:
  using Run = std::shared_ptr<MaintenanceRun>;

  // What is known of a table since the last look.
  struct Known {
    std::string location;  // of the metadata that `policy` was read from
    MaintenancePolicy policy;
    std::string fault;           // a property with a wrong value
    std::string location_after;  // of the metadata when the last run ended
    std::optional<Timestamp> last_started;
  };

  Task<void> loop();
  Task<void> look();
  Task<void> look_at(const glue::Table& table);
  Task<void> look_for_purges();
  Run enqueue(const Identifier& identifier, const char* kind, const char* trigger);
  [[nodiscard]] bool waits(const Identifier& identifier) const;
  [[nodiscard]] bool is_due(const Known& known, const std::string& location) const;

  Task<void> execute(Run run);
  Task<Status> run_worker(Run run);
  // `grant` becomes what the worker's keys are for.
  Task<Result<Json>> order_of(Run run, Grant& grant);
  Task<Result<platform::ProcessSpec>> worker_of(Run run, Grant grant);
  [[nodiscard]] Grant grant_of(const Identifier& identifier, const TableMetadata& metadata) const;
  Task<void> read_events(Run run);
  Task<void> guard(Run run);
  void take(MaintenanceRun& run, const Json& event);
  void finish(const Run& run, const Status& outcome);
  [[nodiscard]] glue::Owner owner() const;

  platform::Platform platform_;
  glue::Metastore& metastore_;
  MetadataFiles files_;
  iam::Credentials& credentials_;
  StorageCredentials storage_credentials_;
  MaintenanceOptions options_;

  bool stopping_ = false;
  int background_ = 0;  // coroutines that use this object
  std::chrono::nanoseconds next_look_{};
  int next_id_ = 1;
  std::map<std::string, Known> known_;  // by identifier
  std::deque<Run> queue_;
  Run running_;
  std::deque<Run> ended_;  // newest first
};

}  // namespace tarn::iceberg
