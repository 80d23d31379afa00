// Recovery: what the last segment of a shard holds for sure after a crash.
//
// Place: kinesis; used by ShardLog::open alone. Threads: blocks; one call per file at a time.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "platform/files.h"
#include "services/kinesis/segment.h"

namespace tarn::kinesis {

struct RecoveredSegment {
  std::uint64_t bytes = 0;           // of the file from now on
  Counter end = 1;                   // counter of the next record
  std::int64_t last_arrived_ms = 0;  // 0: no record was ever written
  std::int64_t created_ms = 0;
  std::uint64_t cut_bytes = 0;      // a torn tail that was cut off
  std::uint64_t scanned_bytes = 0;  // how much had to be read
  bool without_header = false;      // not even the header was written: nothing is kept
  Index index;                      // the entries of the index file that hold
  Index missing;                    // entries that the scan found and the index file lacks
};

// Checks `file` (segment `segment`, of `origin`) from the last entry of its index on, cuts a torn
// tail and syncs. A tail is torn when nothing behind it was written by a later commit; then it was
// never acknowledged. Errors: kCorrupt (damage in front of what a later commit wrote: file and
// offset are named, nothing is cut), kIo.
[[nodiscard]] Result<RecoveredSegment> recover_segment(platform::Files& files, platform::File& file,
                                                       const Segment& segment,
                                                       const ShardOrigin& origin,
                                                       std::uint64_t index_bytes);

}  // namespace tarn::kinesis
