// Log: the engine under the Kinesis service. Acknowledged means fdatasynced.
//
// Place: kinesis. Requests of many connections append to shards; a few committers on the blocking
// pool take the shards that have something waiting, one after another, and write and sync all that
// is waiting for a shard at once (group commit): while one commit syncs, the next one gathers.
// Formats: docs/formats/kinesis-log.md. Threads: safe from any thread. create_shard, open_shard and
// expire block.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "platform/tasks.h"
#include "services/kinesis/append.h"
#include "services/kinesis/byte_gate.h"
#include "services/kinesis/shard_log.h"

namespace tarn::kinesis {

class Log {
 public:
  Log(platform::Clock& clock, platform::Files& files, platform::Tasks& tasks, LogOptions options);
  // stop() must have ended.
  ~Log() = default;

  // See ShardLog::create and ShardLog::open.
  [[nodiscard]] Result<std::shared_ptr<ShardLog>> create_shard(const std::string& directory,
                                                               ShardOrigin origin);
  [[nodiscard]] Result<std::shared_ptr<ShardLog>> open_shard(const std::string& directory,
                                                             ShardOrigin origin,
                                                             RecoveryNote& note);

  // Ends when each append is on disk or has failed, as its `status` says: kDiskFull, kIo,
  // log_code::kShardClosed, kCancelled (stopping). Waits its turn when too many bytes wait for the
  // disk. `appends` must stay in place.
  [[nodiscard]] Task<void> append(std::span<Append> appends);

  // Lets no more records in; ends when those that were let in are on disk or have failed. The shard
  // stays readable. Gives the counter after its last record. Errors: log_code::kShardClosed
  // (already), kCancelled.
  [[nodiscard]] Task<Result<Counter>> close_shard(std::shared_ptr<ShardLog> shard);

  // Drops segments of `shard` all of whose records came before `ms`. Errors: kIo, kCorrupt.
  [[nodiscard]] Status expire(const std::shared_ptr<ShardLog>& shard, std::int64_t ms);

  // Refuses new appends and ends when all earlier ones have.
  [[nodiscard]] Task<void> stop();

 private:
  // False when stopping.
  [[nodiscard]] bool enter();
  void leave();
  void make_ready(std::shared_ptr<ShardLog> shard);
  void work();
  // With mutex_ held: whether stop() may end.
  [[nodiscard]] bool idle() const { return appends_ == 0 && workers_ == 0; }

  platform::Clock& clock_;
  platform::Files& files_;
  platform::Tasks& tasks_;
  const LogOptions options_;
  ByteGate gate_;

  std::mutex mutex_;
  std::deque<std::shared_ptr<ShardLog>> ready_;
  std::vector<std::weak_ptr<ShardLog>> shards_;
  unsigned workers_ = 0;
  std::size_t appends_ = 0;  // requests inside append() or close_shard()
  bool stopping_ = false;
  platform::Completion<bool> stopped_;
};

}  // namespace tarn::kinesis
