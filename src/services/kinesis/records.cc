#include "services/kinesis/records.h"

#include <algorithm>

#include "services/kinesis/faults.h"

namespace tarn::kinesis {

namespace {

// Where a sequence number of this shard points. Those of other shards and ones never given are
// refused.
Result<Counter> counter_of(const std::string& text, const ShardState& shard, const ShardLog& log,
                           const StreamState& state, std::string_view action) {
  const std::optional<SequenceNumber> sequence = parse_sequence(text);
  if (sequence && sequence->origin == shard.origin() && sequence->counter <= log.end())
    return sequence->counter;
  return invalid_argument(
      fmt::format("StartingSequenceNumber {} used in {} on shard {} in stream {} "
                  "under account {} is invalid{}.",
                  text, action, shard_id(shard.number), state.name, state.account,
                  sequence ? " because it did not come from this stream" : ""));
}

}  // namespace

Status check_start(const StartingPoint& start, std::int64_t now_ms) {
  namespace type = values::shard_iterator_type;
  const bool by_sequence =
      start.type == type::kAtSequenceNumber || start.type == type::kAfterSequenceNumber;
  if (by_sequence != start.sequence_number.has_value()) {
    return invalid_argument(
        fmt::format("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
                    "StartingSequenceNumber or (2) "
                    "TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {} "
                    "and {} StartingSequenceNumber.",
                    start.type, by_sequence ? "no" : "also a"));
  }
  if (start.type != type::kAtTimestamp) return {};
  if (!start.timestamp) {
    return invalid_argument(
        "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current "
        "request has no timestamp "
        "parameter.");
  }
  if (start.timestamp->ms > now_ms) {
    return invalid_argument(
        fmt::format("The timestampInMillis parameter cannot be greater than the "
                    "currentTimestampInMillis. timestampInMillis: {}, "
                    "currentTimestampInMillis: {}",
                    start.timestamp->ms, now_ms));
  }
  return {};
}

Task<Result<Counter>> find_start(platform::Tasks& tasks, StartingPoint start, StreamView stream,
                                 const ShardState& shard, std::string_view action) {
  namespace type = values::shard_iterator_type;
  TARN_CO_TRY(const std::shared_ptr<ShardLog> log, stream->log(shard.number));
  if (start.type == type::kLatest) co_return log->end();
  if (start.type == type::kTrimHorizon) co_return log->first();
  if (start.type == type::kAtTimestamp) {
    const std::int64_t ms = start.timestamp->ms;
    const auto find = [&log, ms] {
      return log->find_time(ms);
    };
    Result<Counter> found = co_await tasks.offload(find);
    co_return found;
  }
  TARN_CO_TRY(const Counter counter,
              counter_of(*start.sequence_number, shard, *log, stream->state(), action));
  // The shard's StartingSequenceNumber has counter 0 and stands before its first record.
  if (counter == 0) co_return Counter{1};
  const bool after = start.type == type::kAfterSequenceNumber;
  co_return after ? std::min(counter + 1, log->end()) : counter;
}

Task<Result<ReadResult>> read_log(platform::Tasks& tasks, std::shared_ptr<ShardLog> log,
                                  ReadRequest request) {
  if (log->is_recent(request.from)) co_return log->read(request);
  const auto read = [&log, &request] {
    return log->read(request);
  };
  Result<ReadResult> result = co_await tasks.offload(read);
  co_return result;
}

std::vector<Record> to_records(const ReadResult& read, const ShardOrigin& origin) {
  std::vector<Record> records;
  records.reserve(read.records.size());
  for (const ReadRecord& from : read.records) {
    Record& record = records.emplace_back();
    record.sequence_number = format_sequence({origin, from.counter});
    record.approximate_arrival_timestamp = Timestamp{from.arrived_ms};
    record.data = from.data;
    record.partition_key = std::string(from.partition_key);
    if (from.sealed) record.encryption_type = values::encryption_type::kKms;
  }
  return records;
}

std::vector<ChildShard> children_of(const StreamState& state, std::uint32_t parent) {
  std::vector<ChildShard> children;
  for (const ShardState& shard : state.shards) {
    if (shard.parent != parent && shard.adjacent_parent != parent) continue;
    ChildShard& child = children.emplace_back();
    child.shard_id = shard_id(shard.number);
    if (shard.parent) child.parent_shards.push_back(shard_id(*shard.parent));
    if (shard.adjacent_parent) child.parent_shards.push_back(shard_id(*shard.adjacent_parent));
    child.hash_key_range.starting_hash_key = format_hash_key(shard.start);
    child.hash_key_range.ending_hash_key = format_hash_key(shard.end);
  }
  return children;
}

std::int64_t millis_behind(const ReadResult& read, std::int64_t now_ms) {
  if (read.caught_up() || read.records.empty()) return 0;
  return std::max<std::int64_t>(1, now_ms - read.records.back().arrived_ms);
}

Status refuse_dry_run(const std::optional<bool>& dry_run) {
  if (dry_run.value_or(false)) return invalid_argument("DryRun is not supported.");
  return {};
}

}  // namespace tarn::kinesis
