// Lifecycle: takes streams from CREATING, UPDATING and DELETING to where they rest, keeps retention
// and the capacity of on-demand streams.
//
// Place: kinesis. Each step is durable before the next, and each can be done again, so that a
// killed server goes on where it was. Threads: the control strand.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/kinesis/catalog.h"
#include "services/kinesis/limits.h"
#include "services/kinesis/log.h"

namespace tarn::kinesis {

class Lifecycle {
 public:
  Lifecycle(platform::Platform platform, Catalog& catalog, Log& log, ShardLimits& limits,
            std::string directory);

  // Opens every stream's logs, resumes what was under way and begins retention. A log that cannot
  // be opened is told and fails its readers and writers by file and offset, not the start. Errors:
  // kIo, kCorrupt (of the store).
  [[nodiscard]] Task<Status> start();

  // Takes the stream on in the background until it rests.
  void drive(const std::string& id);

  // One pass of retention over all streams.
  [[nodiscard]] Task<void> retain();

  // Doubles the shards of on-demand streams whose busiest second was more than half of what they
  // have, where that is limited
  // (https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html).
  [[nodiscard]] Task<void> scale();

  // Ends when no step is under way; what is not at rest goes on at the next start.
  [[nodiscard]] Task<void> stop();

 private:
  [[nodiscard]] Task<void> run(std::string id);
  [[nodiscard]] Task<Status> create(StreamView stream);
  [[nodiscard]] Task<Status> reshard(StreamView stream);
  [[nodiscard]] Task<Status> destroy(StreamView stream);
  [[nodiscard]] Task<void> expire_shards(StreamView stream, std::int64_t now_ms);
  [[nodiscard]] Task<void> double_shards(StreamView stream);
  [[nodiscard]] static Task<void> retain_for_ever(Lifecycle& self,
                                                  std::shared_ptr<const bool> alive);

  void open_logs(const StreamState& state, Stream::Logs& logs);
  Status make_logs(const StreamState& state, const std::vector<ShardState>& shards,
                   Stream::Logs& logs);
  [[nodiscard]] std::string folder(const StreamState& state) const;
  [[nodiscard]] std::string folder(const StreamState& state, const ShardState& shard) const;
  void begin() { ++running_; }
  void end();

  platform::Platform platform_;
  Catalog& catalog_;
  Log& log_;
  ShardLimits& limits_;
  const std::string directory_;
  std::set<std::string> driven_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  platform::Completion<bool> rested_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tarn::kinesis
