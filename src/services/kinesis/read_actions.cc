// Records out: iterators and what they point at.
#include <algorithm>
#include <ctime>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/shapes.h"

namespace tarn::kinesis {

namespace {

constexpr std::int32_t kMaxRecordsRead = 10'000;
constexpr std::size_t kMaxBytesRead = 10U << 20;

Status check_start(const GetShardIteratorInput& input, std::int64_t now_ms) {
  namespace type = values::shard_iterator_type;
  const std::string& wanted = input.shard_iterator_type;
  const bool by_sequence =
      wanted == type::kAtSequenceNumber || wanted == type::kAfterSequenceNumber;
  if (by_sequence != input.starting_sequence_number.has_value()) {
    return invalid_argument(
        fmt::format("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
                    "StartingSequenceNumber or (2) "
                    "TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {} "
                    "and {} StartingSequenceNumber.",
                    wanted, by_sequence ? "no" : "also a"));
  }
  if (wanted != type::kAtTimestamp) return {};
  if (!input.timestamp) {
    return invalid_argument(
        "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current "
        "request has no timestamp "
        "parameter.");
  }
  if (input.timestamp->ms > now_ms) {
    return invalid_argument(
        fmt::format("The timestampInMillis parameter cannot be greater than the "
                    "currentTimestampInMillis. timestampInMillis: {}, "
                    "currentTimestampInMillis: {}",
                    input.timestamp->ms, now_ms));
  }
  return {};
}

// Where a sequence number of this shard points. Those of other shards and ones never given are
// refused.
Result<Counter> counter_of(const std::string& text, const ShardState& shard, const ShardLog& log,
                           const StreamState& state) {
  const std::optional<SequenceNumber> sequence = parse_sequence(text);
  if (sequence && sequence->origin == shard.origin() && sequence->counter <= log.end())
    return sequence->counter;
  return invalid_argument(
      fmt::format("StartingSequenceNumber {} used in GetShardIterator on shard {} in stream {} "
                  "under account {} is invalid{}.",
                  text, shard_id(shard.number), state.name, state.account,
                  sequence ? " because it did not come from this stream" : ""));
}

Task<Result<Counter>> find_start(KinesisService& kinesis, const GetShardIteratorInput& input,
                                 const ShardState& shard, const ShardLog& log,
                                 const StreamState& state) {
  namespace type = values::shard_iterator_type;
  const std::string& wanted = input.shard_iterator_type;
  if (wanted == type::kLatest) co_return log.end();
  if (wanted == type::kTrimHorizon) co_return log.first();
  if (wanted == type::kAtTimestamp) {
    const std::int64_t ms = input.timestamp->ms;
    const auto find = [&log, ms] {
      return log.find_time(ms);
    };
    Result<Counter> found = co_await kinesis.platform().tasks.offload(find);
    co_return found;
  }
  TARN_CO_TRY(const Counter counter,
              counter_of(*input.starting_sequence_number, shard, log, state));
  // The shard's StartingSequenceNumber has counter 0 and stands before its first record.
  if (counter == 0) co_return Counter{1};
  co_return wanted == type::kAfterSequenceNumber ? std::min(counter + 1, log.end()) : counter;
}

std::string http_time(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%a %b %d %H:%M:%S UTC %Y", &parts);
  return {text.data(), length};
}

Result<ShardIterator> open_iterator(const KinesisService& kinesis, const std::string& token) {
  std::optional<ShardIterator> iterator = kinesis.tokens().open_iterator(token);
  if (!iterator) return invalid_argument("Invalid ShardIterator.");
  const std::int64_t now = kinesis.now().ms;
  if (now - iterator->made_ms > kTokenLifeMs) {
    return Error("ExpiredIteratorException",
                 fmt::format("Iterator expired. The iterator was created at time {} while right "
                             "now it is {} which is "
                             "further in the future than the tolerated delay of {} milliseconds.",
                             http_time(iterator->made_ms), http_time(now), kTokenLifeMs));
  }
  return std::move(*iterator);
}

Error trimmed(const ShardIterator& iterator, const StreamState& state) {
  return {"ExpiredIteratorException",
          fmt::format("The iterator stands at a record of {} in stream {} under account {} that is "
                      "older than the "
                      "retention period of {} hours and is gone. Get an iterator of type "
                      "TRIM_HORIZON to go on with the "
                      "oldest record.",
                      shard_id(iterator.shard), state.name, state.account, state.retention_hours)};
}

// On the calling thread where the bytes are in memory, on the blocking pool where the disk may have
// to be waited for.
Task<Result<ReadResult>> read_log(KinesisService& kinesis, std::shared_ptr<ShardLog> log,
                                  ReadRequest request) {
  if (log->is_recent(request.from)) co_return log->read(request);
  const auto read = [&log, &request] {
    return log->read(request);
  };
  Result<ReadResult> result = co_await kinesis.platform().tasks.offload(read);
  co_return result;
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

void add_records(const ReadResult& read, const ShardOrigin& origin, GetRecordsOutput& output) {
  output.records.reserve(read.records.size());
  for (const ReadRecord& from : read.records) {
    Record& record = output.records.emplace_back();
    record.sequence_number = format_sequence({origin, from.counter});
    record.approximate_arrival_timestamp = Timestamp{from.arrived_ms};
    record.data = from.data;
    record.partition_key = std::string(from.partition_key);
  }
}

// 0 when nothing is left to read; else how old the last record given is
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html).
std::int64_t millis_behind(const ReadResult& read, std::int64_t now_ms) {
  if (read.caught_up() || read.records.empty()) return 0;
  return std::max<std::int64_t>(1, now_ms - read.records.back().arrived_ms);
}

}  // namespace

Answer<GetShardIterator> handle(GetShardIterator, KinesisService& kinesis, const Caller& caller,
                                GetShardIteratorInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const StreamState& state = stream->state();
  TARN_CO_TRY(const ShardState* const shard, find_shard(state, input.shard_id));
  TARN_CO_CHECK(check_start(input, kinesis.now().ms));
  TARN_CO_TRY(const std::shared_ptr<ShardLog> log, stream->log(shard->number));
  ShardIterator iterator;
  TARN_CO_TRY(iterator.position.counter, co_await find_start(kinesis, input, *shard, *log, state));
  iterator.stream_id = state.id;
  iterator.account = state.account;
  iterator.stream_name = state.name;
  iterator.shard = shard->number;
  iterator.from_horizon = input.shard_iterator_type == values::shard_iterator_type::kTrimHorizon;
  iterator.made_ms = kinesis.now().ms;
  GetShardIteratorOutput output;
  output.shard_iterator = kinesis.tokens().seal(iterator);
  co_return output;
}

Answer<GetRecords> handle(GetRecords, KinesisService& kinesis, const Caller& caller,
                          GetRecordsInput input) {
  TARN_CO_TRY(ShardIterator iterator, open_iterator(kinesis, input.shard_iterator));
  const StreamView stream = kinesis.catalog().find_id(iterator.stream_id);
  if (!stream || !stream->serves() || iterator.account != caller.account_id) {
    co_return stream_not_found(iterator.stream_name, iterator.account);
  }
  const StreamState& state = stream->state();
  const ShardState* const shard = state.find(iterator.shard);
  if (shard == nullptr)
    co_return shard_not_found(shard_id(iterator.shard), state.name, state.account);
  TARN_CO_TRY(const std::shared_ptr<ShardLog> log, stream->log(iterator.shard));
  ReadRequest request;
  request.from = iterator.position;
  if (iterator.from_horizon) request.from.counter = std::max(request.from.counter, log->first());
  request.max_records = static_cast<std::size_t>(input.limit.value_or(kMaxRecordsRead));
  request.max_bytes = kMaxBytesRead;
  const Result<ReadResult> read = co_await read_log(kinesis, log, request);
  if (!read.ok()) {
    if (read.error().is(log_code::kTrimmed)) co_return trimmed(iterator, state);
    co_return read.error();
  }
  GetRecordsOutput output;
  add_records(*read, shard->origin(), output);
  output.millis_behind_latest = millis_behind(*read, kinesis.now().ms);
  if (shard->closed_at && read->next.counter >= *shard->closed_at) {
    output.child_shards = children_of(state, shard->number);
    co_return output;
  }
  iterator.position = read->next;
  iterator.from_horizon = false;
  iterator.made_ms = kinesis.now().ms;
  output.next_shard_iterator = kinesis.tokens().seal(iterator);
  co_return output;
}

}  // namespace tarn::kinesis
