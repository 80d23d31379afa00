// What GetRecords and SubscribeToShard share: where a reader begins, how it reads, what it is told.
//
// Place: kinesis. Threads: any; find_start() and read_log() leave the calling thread only for the
// disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/kinesis/api.h"
#include "services/kinesis/service.h"

namespace tarn::kinesis {

// A ShardIteratorType or the Type of a StartingPosition, with what it needs.
struct StartingPoint {
  std::string type;
  std::optional<std::string> sequence_number;
  std::optional<Timestamp> timestamp;
};

// Whether `start` is whole and not in the future. Error: InvalidArgumentException.
[[nodiscard]] Status check_start(const StartingPoint& start, std::int64_t now_ms);

// The counter of the first record to read. `action` is named in the error. Errors:
// InvalidArgumentException (a sequence number that this shard never gave), kIo, kCorrupt.
[[nodiscard]] Task<Result<Counter>> find_start(platform::Tasks& tasks, StartingPoint start,
                                               StreamView stream, const ShardState& shard,
                                               std::string_view action);

// On the calling thread where the bytes are in memory, on the blocking pool where the disk may have
// to be waited for. Errors: ShardLog::read's.
[[nodiscard]] Task<Result<ReadResult>> read_log(platform::Tasks& tasks,
                                                std::shared_ptr<ShardLog> log, ReadRequest request);

[[nodiscard]] std::vector<Record> to_records(const ReadResult& read, const ShardOrigin& origin);

// The shards that took the place of `parent`.
[[nodiscard]] std::vector<ChildShard> children_of(const StreamState& state, std::uint32_t parent);

// 0 when nothing is left to read; else how old the last record given is
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html).
[[nodiscard]] std::int64_t millis_behind(const ReadResult& read, std::int64_t now_ms);

// Error: InvalidArgumentException.
[[nodiscard]] Status refuse_dry_run(const std::optional<bool>& dry_run);

}  // namespace tarn::kinesis
