// Streams and their shards as the service knows them.
//
// Place: kinesis. StreamState is what is durable (stream_codec.h); Stream is one moment of it
// joined with the open logs, never changed once made: a change makes another one and publishes it
// (catalog.h). Threads: values; a published Stream is read by any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/iam/policy/document.h"
#include "services/kinesis/hash_key.h"
#include "services/kinesis/sequence.h"
#include "services/kinesis/shard_log.h"

namespace tarn::kinesis {

// Source of the limits:
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
inline constexpr std::int32_t kMinRetentionHours = 24;
inline constexpr std::int32_t kMaxRetentionHours = 8760;
inline constexpr std::int32_t kShardLimit = 20'000;  // of an account in us-west-2
inline constexpr std::int32_t kOnDemandStreamLimit = 50;
inline constexpr std::int32_t kOnDemandShards = 4;       // a new on-demand stream has so many
inline constexpr std::int32_t kMaxOnDemandShards = 200;  // 200 MB/s, as far as it grows by itself
inline constexpr std::size_t kMaxCreating = 5;
inline constexpr std::size_t kMaxTags = 50;
inline constexpr std::size_t kMaxConsumers = 20;  // of a stream
inline constexpr std::int32_t kDefaultRecordKib = 1024;

enum class StreamStatus : std::uint8_t { kCreating, kActive, kUpdating, kDeleting };
[[nodiscard]] std::string_view to_text(StreamStatus status);

struct ShardState {
  std::uint32_t number = 0;
  std::uint64_t epoch_ms = 0;  // ShardOrigin's
  HashKey start = 0;
  HashKey end = kLastHashKey;
  std::optional<std::uint32_t> parent;
  std::optional<std::uint32_t> adjacent_parent;
  std::int64_t created_ms = 0;
  std::optional<Counter> closed_at;  // counter after its last record
  std::int64_t closed_ms = 0;

  [[nodiscard]] bool open() const { return !closed_at.has_value(); }
  [[nodiscard]] ShardOrigin origin() const { return {epoch_ms, number}; }
};

// One step of resharding: these shards are closed and those take their place.
struct ReshardStep {
  std::vector<std::uint32_t> parents;
  std::vector<ShardState> children;
};

// One registered for enhanced fan-out; ACTIVE from its registration on.
struct ConsumerState {
  std::string name;
  std::int64_t created_ms = 0;
  std::map<std::string, std::string> tags;
  std::string policy;  // JSON; empty: none
};

// What records are sealed with, wrapped by the KMS key that the stream had then.
struct DataKeyState {
  std::uint32_t number = 0;  // 1, 2, 3 …; batches name it
  std::string wrapped;       // a ciphertext of KMS
  std::int64_t made_ms = 0;
};

struct StreamState {
  std::string id;  // AWS's StreamId; also names the folder of the log
  std::string account;
  std::string region;
  std::string name;
  StreamStatus status = StreamStatus::kCreating;
  std::int64_t created_ms = 0;
  std::int32_t retention_hours = kMinRetentionHours;
  bool on_demand = false;
  std::int32_t max_record_kib = kDefaultRecordKib;
  std::map<std::string, std::string> tags;
  std::vector<ShardState> shards;  // by number
  std::uint32_t next_shard = 0;
  // While UPDATING: the step under way, and the shard count to reach by further ones.
  std::optional<ReshardStep> step;
  std::optional<std::int32_t> target_shards;
  std::vector<std::int64_t> count_updates_ms;  // of UpdateShardCount, within the last day
  std::vector<ConsumerState> consumers;        // by name
  std::string policy;                          // JSON; empty: none
  std::string key_id;  // of KMS, as it was given; empty: new records are not sealed
  std::vector<DataKeyState> data_keys;  // by number; the last is in use where key_id is given
  std::vector<std::int64_t> encryption_changes_ms;  // within the last day

  [[nodiscard]] std::string arn() const;
  // The stream's ARN, the name and the second of the registration
  // (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ConsumerDescription.html).
  [[nodiscard]] std::string arn(const ConsumerState& consumer) const;
  // By name; nullptr when there is none.
  [[nodiscard]] const ConsumerState* find_consumer(std::string_view consumer_name) const;
  [[nodiscard]] std::int64_t retention_ms() const { return retention_hours * 3'600'000LL; }
  [[nodiscard]] std::int32_t open_shards() const;
  // nullptr when there is none.
  [[nodiscard]] const ShardState* find(std::uint32_t number) const;
  [[nodiscard]] ShardState* find(std::uint32_t number);
};

// "shardId-000000000003" and its number; nullopt for any other text.
[[nodiscard]] std::string shard_id(std::uint32_t number);
[[nodiscard]] std::optional<std::uint32_t> parse_shard_id(std::string_view id);

// Open shards that share the whole range of hash keys evenly.
[[nodiscard]] std::vector<ShardState> even_shards(std::int32_t count, std::int64_t now_ms);

class Stream {
 public:
  using Logs = std::map<std::uint32_t, Result<std::shared_ptr<ShardLog>>>;

  Stream(StreamState state, Logs logs);

  [[nodiscard]] const StreamState& state() const { return state_; }
  [[nodiscard]] const Logs& logs() const { return logs_; }

  // Whether records can be put and read.
  [[nodiscard]] bool serves() const;
  // The open shard that takes `key`; nullptr when there is none yet.
  [[nodiscard]] const ShardState* route(HashKey key) const;
  // The shard's log. Errors: kCorrupt (it could not be opened; its file and offset), kNotFound.
  [[nodiscard]] Result<std::shared_ptr<ShardLog>> log(std::uint32_t shard) const;
  // The stream's resource policy, or that of the consumer of this name; nullptr where there is
  // none.
  using Policy = std::shared_ptr<const iam::policy::Document>;
  [[nodiscard]] Policy policy(std::string_view consumer = {}) const;

 private:
  void keep_policy(const std::string& consumer, const std::string& text);

  StreamState state_;
  Logs logs_;
  std::vector<const ShardState*> open_;                  // by their start
  std::map<std::string, Policy, std::less<>> policies_;  // by consumer; "" is the stream's own
};

using StreamView = std::shared_ptr<const Stream>;

}  // namespace tarn::kinesis
