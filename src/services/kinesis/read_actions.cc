// Records out: iterators and what they point at.
#include <algorithm>
#include <ctime>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/records.h"
#include "services/kinesis/shapes.h"
#include "services/kinesis/stream_keys.h"

namespace tarn::kinesis {

namespace {

constexpr std::int32_t kMaxRecordsRead = 10'000;
constexpr std::size_t kMaxBytesRead = 10U << 20;

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

}  // namespace

Answer<GetShardIterator> handle(GetShardIterator, KinesisService& kinesis, const Caller& caller,
                                GetShardIteratorInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const StreamState& state = stream->state();
  TARN_CO_TRY(const ShardState* const shard, find_shard(state, input.shard_id));
  if (!kinesis.limits().take_iterator({state.id, shard->number}))
    co_return throughput_exceeded(shard->number, state.name, state.account);
  const StartingPoint start{input.shard_iterator_type, input.starting_sequence_number,
                            input.timestamp};
  TARN_CO_CHECK(check_start(start, kinesis.now().ms));
  ShardIterator iterator;
  TARN_CO_TRY(iterator.position.counter, co_await find_start(kinesis.platform().tasks, start,
                                                             stream, *shard, "GetShardIterator"));
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
  const ShardLimits::Key metered(state.id, iterator.shard);
  if (!kinesis.limits().begin_read(metered))
    co_return throughput_exceeded(iterator.shard, state.name, state.account);
  ReadRequest request;
  request.from = iterator.position;
  if (iterator.from_horizon) request.from.counter = std::max(request.from.counter, log->first());
  request.max_records = static_cast<std::size_t>(input.limit.value_or(kMaxRecordsRead));
  request.max_bytes = kMaxBytesRead;
  const StreamKeys keys(kinesis.keys(), caller, state, shard->origin(), kinesis.platform().random);
  request.ciphers = &keys;
  const Result<ReadResult> read = co_await read_log(kinesis.platform().tasks, log, request);
  if (!read.ok()) {
    if (read.error().is(log_code::kTrimmed)) co_return trimmed(iterator, state);
    co_return read.error();
  }
  kinesis.limits().end_read(metered, read->bytes);
  GetRecordsOutput output;
  output.records = to_records(*read, shard->origin());
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
