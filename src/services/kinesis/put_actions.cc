// Records in: routed by key, appended to their shards' logs, acknowledged when on disk.
#include <chrono>
#include <unordered_map>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/records.h"
#include "services/kinesis/shapes.h"
#include "services/kinesis/stream_keys.h"

namespace tarn::kinesis {

namespace {

constexpr std::size_t kMaxPutBytes = 10U << 20;  // data and keys of one PutRecords
constexpr std::chrono::milliseconds kReshardPause{5};
constexpr std::chrono::seconds kReshardPatience{20};

// One record of a request and where it came to lie.
struct Put {
  std::string_view data;
  std::string_view partition_key;
  HashKey hash = 0;

  ShardOrigin origin;
  Counter counter = 0;
  std::optional<Error> error;

  [[nodiscard]] bool placed() const { return counter != 0; }
};

Result<HashKey> hash_of(const std::string& partition_key,
                        const std::optional<std::string>& explicit_hash_key) {
  if (!explicit_hash_key) return hash_partition_key(partition_key);
  const std::optional<HashKey> key = parse_hash_key(*explicit_hash_key);
  if (!key) {
    return invalid_argument(
        fmt::format("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
                    "Specified value was {}",
                    *explicit_hash_key));
  }
  return *key;
}

Error too_long(std::string_view member, std::size_t limit) {
  return validation(fmt::format(
      "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must "
      "have length less than or equal to {}",
      member, limit));
}

Error missing(std::string_view member) {
  return validation(fmt::format(
      "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member "
      "must not be null",
      member));
}

// One attempt at the records that are not placed: one append for each shard they go to.
class Attempt {
 public:
  Attempt(KinesisService& kinesis, const Caller& caller, const StreamView& stream,
          std::span<Put> puts) {
    ShardLimits& limits = kinesis.limits();
    const StreamState& state = stream->state();
    for (Put& put : puts) {
      if (put.placed() || put.error) continue;
      const ShardState* const shard = stream->route(put.hash);
      if (limits.enforced() &&
          !limits.take_put({state.id, shard->number}, put.data.size() + put.partition_key.size())) {
        put.error = throughput_exceeded(shard->number, state.name, state.account);
        continue;
      }
      Part& part = parts_[shard->number];
      part.shard = shard;
      part.puts.push_back(&put);
      part.bytes += put.data.size() + put.partition_key.size() + RecordPack::kRecordOverhead;
    }
    appends_.reserve(parts_.size());
    for (auto& [number, part] : parts_) {
      const StreamKeys keys(kinesis.keys(), caller, state, part.shard->origin(),
                            kinesis.platform().random);
      fill(*stream, keys, part);
    }
  }

  [[nodiscard]] std::span<Append> appends() { return appends_; }

  // Notes where the records came to lie. True when some met a shard that closed meanwhile, and
  // shall go elsewhere.
  [[nodiscard]] bool settle() {
    bool again = false;
    for (auto& [number, part] : parts_) {
      if (!part.append) continue;
      const Append& append = appends_[*part.append];
      if (append.status.ok()) {
        Counter counter = append.first;
        for (Put* const put : part.puts) {
          put->origin = part.shard->origin();
          put->counter = counter++;
        }
      } else if (append.status.error().is(log_code::kShardClosed)) {
        again = true;
      } else {
        for (Put* const put : part.puts) put->error = append.status.error();
      }
    }
    return again;
  }

 private:
  struct Part {
    const ShardState* shard = nullptr;
    std::vector<Put*> puts;
    std::size_t bytes = 0;
    std::optional<std::size_t> append;
  };

  static void fail(Part& part, const Error& error) {
    for (Put* const put : part.puts) put->error = error;
  }

  void fill(const Stream& stream, const StreamKeys& keys, Part& part) {
    Result<std::shared_ptr<ShardLog>> log = stream.log(part.shard->number);
    if (!log.ok()) return fail(part, log.error());
    Result<std::shared_ptr<const BatchCipher>> cipher = keys.current();
    if (!cipher.ok()) return fail(part, cipher.error());
    part.append = appends_.size();
    Append& append = appends_.emplace_back();
    append.shard = std::move(log).value();
    append.cipher = std::move(cipher).value();
    append.pack.reserve(part.bytes);
    for (const Put* const put : part.puts) append.pack.add(put->partition_key, put->data);
  }

  std::unordered_map<std::uint32_t, Part> parts_;
  std::vector<Append> appends_;
};

// Ends when every record is placed or has its error. While a stream is resharded, records for a
// closed shard wait for the children, which come within milliseconds. Error:
// ResourceNotFoundException.
Task<Status> put_records(KinesisService& kinesis, const Caller& caller, StreamView stream,
                         std::span<Put> puts) {
  const std::chrono::nanoseconds deadline = kinesis.platform().clock.monotonic() + kReshardPatience;
  for (;;) {
    if (!stream->serves())
      co_return stream_not_found(stream->state().name, stream->state().account);
    Attempt attempt(kinesis, caller, stream, puts);
    co_await kinesis.log().append(attempt.appends());
    if (!attempt.settle()) co_return Status();
    if (kinesis.platform().clock.monotonic() > deadline) {
      co_return Error("InternalFailure", "The stream is still being resharded; try again.");
    }
    co_await kinesis.platform().clock.sleep(kReshardPause);
    const StreamView next = kinesis.catalog().find_id(stream->state().id);
    if (!next) co_return stream_not_found(stream->state().name, stream->state().account);
    stream = next;
  }
}

Status check_records(const StreamState& state, const PutRecordsInput& input) {
  const std::size_t limit = static_cast<std::size_t>(state.max_record_kib) << 10;
  std::size_t total = 0;
  for (std::size_t i = 0; i < input.records.size(); ++i) {
    const PutRecordsRequestEntry& record = input.records[i];
    if (!record.partition_key) return missing(fmt::format("records.{}.member.partitionKey", i + 1));
    if (record.data.size() > limit)
      return too_long(fmt::format("records.{}.member.data", i + 1), limit);
    total += record.data.size() + record.partition_key->size();
  }
  if (total > kMaxPutBytes) return invalid_argument("Records size exceeds 10 MB limit");
  return {};
}

PutRecordsOutput to_output(const std::vector<Put>& puts, std::size_t failed) {
  PutRecordsOutput output;
  output.failed_record_count = static_cast<std::int32_t>(failed);
  output.records.reserve(puts.size());
  for (const Put& put : puts) {
    PutRecordsResultEntry& entry = output.records.emplace_back();
    if (put.placed()) {
      entry.sequence_number = format_sequence({put.origin, put.counter});
      entry.shard_id = shard_id(put.origin.shard);
    } else if (put.error->is(kThroughputExceeded)) {
      entry.error_code = put.error->code;
      entry.error_message = put.error->message;
    } else {
      entry.error_code = "InternalFailure";
      entry.error_message = put.error->is(code::kDiskFull) ? "The disk of the server is full."
                                                           : "Internal Service Failure";
    }
  }
  return output;
}

}  // namespace

Answer<PutRecord> handle(PutRecord, KinesisService& kinesis, const Caller& caller,
                         PutRecordInput input) {
  TARN_CO_CHECK(refuse_dry_run(input.dry_run));
  if (!input.partition_key) co_return missing("partitionKey");
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const std::size_t limit = static_cast<std::size_t>(stream->state().max_record_kib) << 10;
  if (input.data.size() > limit) co_return too_long("data", limit);
  std::vector<Put> puts(1);
  puts[0].data = input.data;
  puts[0].partition_key = *input.partition_key;
  TARN_CO_TRY(puts[0].hash, hash_of(*input.partition_key, input.explicit_hash_key));
  const std::span<Put> all(puts);
  TARN_CO_CHECK(co_await put_records(kinesis, caller, stream, all));
  if (puts[0].error) co_return *puts[0].error;
  PutRecordOutput output;
  output.shard_id = shard_id(puts[0].origin.shard);
  output.sequence_number = format_sequence({puts[0].origin, puts[0].counter});
  output.encryption_type = encryption_of(stream->state());
  co_return output;
}

Answer<PutRecords> handle(PutRecords, KinesisService& kinesis, const Caller& caller,
                          PutRecordsInput input) {
  TARN_CO_CHECK(refuse_dry_run(input.dry_run));
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  TARN_CO_CHECK(check_records(stream->state(), input));
  std::vector<Put> puts(input.records.size());
  for (std::size_t i = 0; i < puts.size(); ++i) {
    const PutRecordsRequestEntry& record = input.records[i];
    puts[i].data = record.data;
    puts[i].partition_key = *record.partition_key;
    TARN_CO_TRY(puts[i].hash, hash_of(*record.partition_key, record.explicit_hash_key));
  }
  const std::span<Put> all(puts);
  TARN_CO_CHECK(co_await put_records(kinesis, caller, stream, all));
  std::size_t failed = 0;
  std::size_t throttled = 0;
  for (const Put& put : puts) {
    failed += put.placed() ? 0 : 1;
    throttled += put.error && put.error->is(kThroughputExceeded) ? 1 : 0;
  }
  // Nothing at all was taken: the request failed, and the client's SDK may try it again. Records
  // past a limit have each their own result, even where all are.
  if (failed == puts.size() && throttled == 0) co_return *puts[0].error;
  PutRecordsOutput output = to_output(puts, failed);
  output.encryption_type = encryption_of(stream->state());
  co_return output;
}

}  // namespace tarn::kinesis
