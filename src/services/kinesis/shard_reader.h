// Reading a shard's segments: batches are checked whole, records are views into what was read.
//
// Place: kinesis, log; used by ShardLog. Threads: values; the functions block on the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/kinesis/batch_cipher.h"
#include "services/kinesis/segment.h"
#include "services/kinesis/sequence.h"

namespace tarn::kinesis {

// Where a reader stands. `segment` and `offset` are a hint: the batch in which `counter` is or will
// be.
struct ReadPosition {
  Counter counter = 1;
  Counter segment = 0;  // base of the segment; 0: no hint
  std::uint64_t offset = 0;
};

struct ReadRequest {
  ReadPosition from;
  const BatchCiphers* ciphers = nullptr;  // for sealed batches
  std::size_t max_records = 10'000;
  std::size_t max_bytes = 10U << 20;  // of keys and data; one record always passes
};

struct ReadRecord {
  Counter counter = 0;
  std::int64_t arrived_ms = 0;
  std::string_view partition_key;
  std::string_view data;
  bool sealed = false;  // it lies encrypted on the disk
};

struct ReadResult {
  std::vector<ReadRecord> records;
  ReadPosition next;
  Counter end = 1;        // one past the newest record when this was read
  std::size_t bytes = 0;  // of keys and data
  std::vector<std::unique_ptr<std::string>> buffers;  // what the records point into

  [[nodiscard]] bool caught_up() const { return next.counter >= end; }
};

// The part of a shard that a reader may see, as it was at one moment.
struct ReadPlan {
  struct Part {
    std::shared_ptr<Segment> segment;
    Counter limit = 0;        // records below it are in this part
    std::uint64_t bytes = 0;  // what may be read of the file; 0: all of it
    // Of the active segment: the index entry to begin at. The others have their index in a file.
    bool active = false;
    std::optional<IndexEntry> start;
  };
  std::vector<Part> parts;
  Counter first = 1;  // oldest record kept
  Counter end = 1;
};

// Errors: kCorrupt (file and offset in the message), kIo, kNotFound (the segment expired
// meanwhile), those of request.ciphers.
[[nodiscard]] Result<ReadResult> read_plan(platform::Files& files, const ReadPlan& plan,
                                           const ReadRequest& request);

// The first record of `part` that came at `ms` or later; part.limit when there is none. Errors:
// kCorrupt, kIo.
[[nodiscard]] Result<Counter> find_time_in(platform::Files& files, const ReadPlan::Part& part,
                                           std::int64_t ms);

}  // namespace tarn::kinesis
