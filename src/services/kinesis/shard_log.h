// ShardLog: the durable, ordered records of one shard.
//
// Place: kinesis, log. Appends come through Log (log.h), which decides when a shard commits; reads
// come straight here. Threads: safe from any thread; commit() and what it calls run on one thread
// at a time (Log sees to that). Everything but the position getters and enqueue() blocks on the
// disk.
//
// Readers see a record only when it is on disk. What was acknowledged is never taken back; what
// failed was never shown.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/bell.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "services/kinesis/append.h"
#include "services/kinesis/commit_image.h"
#include "services/kinesis/segment.h"
#include "services/kinesis/shard_reader.h"

namespace tarn::kinesis {

struct LogOptions {
  std::uint64_t segment_bytes = 128ULL
                                << 20;  // a segment that has reached it is followed by a new one
  std::int64_t segment_age_ms = 60LL * 60 * 1000;  // so is one with records that is older
  std::size_t commit_bytes = 8U << 20;             // at most so much (or one pack) in one commit
  std::size_t queue_bytes = 64U << 20;             // waiting for the disk, over all shards
  std::uint64_t index_bytes = 64U << 10;           // between two index entries
  unsigned committers = 2;                         // commits at the same time, over all shards
};

// What opening found, for the operator.
struct RecoveryNote {
  std::string path;  // of the last segment
  std::uint64_t cut_bytes = 0;
  std::uint64_t scanned_bytes = 0;
};

class ShardLog {
  // Only create() and open() make one.
  struct Key {
    explicit Key() = default;
  };

 public:
  ShardLog(Key key, platform::Clock& clock, platform::Files& files, const LogOptions& options,
           std::string directory, ShardOrigin origin);

  // Makes the shard's folder and its first segment; one that a crash left half made is made anew.
  // Errors: kIo, kDiskFull; kExists when there are records already.
  [[nodiscard]] static Result<std::shared_ptr<ShardLog>> create(platform::Clock& clock,
                                                                platform::Files& files,
                                                                const LogOptions& options,
                                                                const std::string& directory,
                                                                ShardOrigin origin);
  // Opens what create() made. Reads only the end of the last segment. Errors: kIo, kNotFound,
  // kCorrupt.
  [[nodiscard]] static Result<std::shared_ptr<ShardLog>> open(
      platform::Clock& clock, platform::Files& files, const LogOptions& options,
      const std::string& directory, ShardOrigin origin, RecoveryNote& note);

  [[nodiscard]] const ShardOrigin& origin() const { return origin_; }
  // Of the oldest record kept, and one past the newest on disk.
  [[nodiscard]] Counter first() const;
  [[nodiscard]] Counter end() const;
  // When the newest record came; 0 when there never was one.
  [[nodiscard]] std::int64_t last_arrived_ms() const;

  // Records from `request.from` on. Errors: log_code::kTrimmed, kCorrupt, kIo.
  [[nodiscard]] Result<ReadResult> read(const ReadRequest& request) const;
  // The first record that came at `ms` or later; end() when there is none. Errors: kCorrupt, kIo.
  [[nodiscard]] Result<Counter> find_time(std::int64_t ms) const;
  // Whether reading from `from` finds its bytes in memory (the newest few MiB), so that it need not
  // be offloaded.
  [[nodiscard]] bool is_recent(const ReadPosition& from) const;

  // Rings `bell` after every commit, as soon as its records can be read, until it is taken away.
  void add_bell(std::shared_ptr<platform::Bell> bell);
  void remove_bell(const platform::Bell* bell);

  // Drops segments all of whose records came before `ms`, and lets go of the files of those that
  // are only read. True when the newest one could go too, once a commit has begun another.
  [[nodiscard]] Result<bool> expire(std::int64_t ms);

  // For Log. Queues `append` (with its ticket); on an error it is not queued. True: the shard must
  // be given to a committer. Errors: log_code::kShardClosed.
  [[nodiscard]] Result<bool> enqueue(Append& append);
  // Lets the next commit begin another segment; as enqueue.
  [[nodiscard]] bool request_roll();
  // Queues `barrier` (an empty pack) and lets nothing after it in; as enqueue.
  [[nodiscard]] Result<bool> close(Append& barrier);
  // Writes and syncs what is queued, completing its tickets. True when more is waiting.
  [[nodiscard]] bool commit();
  // Writes the index entries that are still in memory.
  void flush_index();

 private:
  struct Queue {
    std::deque<Append*> waiting;
    bool scheduled = false;  // a committer has it or will
    bool roll = false;
    bool closed = false;
  };

  Status recover(const std::vector<Counter>& bases, RecoveryNote& note);
  std::vector<Append*> take_queue(bool& roll);
  Status commit_packs(const std::vector<Append*>& packs, bool roll);
  Status write(const CommitImage& image);
  // Takes back what a failed write left behind, or gives the segment up.
  void undo_write();
  void release_files();
  [[nodiscard]] bool must_roll(bool asked) const;
  // Ends the active segment and begins one at end(). Errors: kIo, kDiskFull; the shard stays as it
  // was.
  Status roll();
  void publish(const CommitImage& image);
  // What can be read from record `from` on, or from the first that came at `from_ms` or later.
  [[nodiscard]] ReadPlan plan(Counter from, std::optional<std::int64_t> from_ms = {}) const;

  platform::Clock& clock_;
  platform::Files& files_;
  const LogOptions& options_;
  const std::string directory_;
  const ShardOrigin origin_;

  mutable std::mutex mutex_;
  Queue queue_;
  std::deque<std::shared_ptr<Segment>> segments_;  // the last is the active one
  Index active_index_;
  std::uint64_t durable_bytes_ = 0;  // of the active segment
  Counter end_ = 1;
  std::int64_t last_arrived_ms_ = 0;
  std::vector<std::shared_ptr<platform::Bell>> bells_;

  // The committer's own.
  std::shared_ptr<Segment> active_segment_;
  std::shared_ptr<platform::File> active_;
  std::int64_t active_created_ms_ = 0;
  bool poisoned_ = false;  // a write or sync failed in a way that the segment cannot be trusted
                           // past durable_bytes_
  std::size_t index_written_ = 0;  // entries of active_index_ that are in the index file
};

}  // namespace tarn::kinesis
