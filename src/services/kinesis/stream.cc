#include "services/kinesis/stream.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/ids.h"

namespace tarn::kinesis {

namespace {
constexpr std::string_view kShardIdPrefix = "shardId-";
constexpr std::size_t kShardIdDigits = 12;
}  // namespace

std::string_view to_text(StreamStatus status) {
  switch (status) {
    case StreamStatus::kCreating: return "CREATING";
    case StreamStatus::kActive: return "ACTIVE";
    case StreamStatus::kUpdating: return "UPDATING";
    case StreamStatus::kDeleting: return "DELETING";
  }
  return "";
}

std::string StreamState::arn() const {
  return make_arn("kinesis", region, account, "stream/" + name);
}

std::string StreamState::arn(const ConsumerState& consumer) const {
  return fmt::format("{}/consumer/{}:{}", arn(), consumer.name, consumer.created_ms / 1000);
}

const ConsumerState* StreamState::find_consumer(std::string_view consumer_name) const {
  const auto found = std::find_if(consumers.begin(), consumers.end(),
                                  [&](const auto& c) { return c.name == consumer_name; });
  return found == consumers.end() ? nullptr : &*found;
}

std::int32_t StreamState::open_shards() const {
  return static_cast<std::int32_t>(
      std::count_if(shards.begin(), shards.end(), [](const ShardState& s) { return s.open(); }));
}

const ShardState* StreamState::find(std::uint32_t number) const {
  const auto at =
      std::lower_bound(shards.begin(), shards.end(), number,
                       [](const ShardState& s, std::uint32_t n) { return s.number < n; });
  return at != shards.end() && at->number == number ? &*at : nullptr;
}

ShardState* StreamState::find(std::uint32_t number) {
  const auto at =
      std::lower_bound(shards.begin(), shards.end(), number,
                       [](const ShardState& s, std::uint32_t n) { return s.number < n; });
  return at != shards.end() && at->number == number ? &*at : nullptr;
}

std::string shard_id(std::uint32_t number) {
  return fmt::format("{}{:012}", kShardIdPrefix, number);
}

std::optional<std::uint32_t> parse_shard_id(std::string_view id) {
  if (!id.starts_with(kShardIdPrefix)) return std::nullopt;
  id.remove_prefix(kShardIdPrefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (id.size() != kShardIdDigits || error != std::errc() || end != id.data() + id.size()) {
    return std::nullopt;
  }
  return number;
}

std::vector<ShardState> even_shards(std::int32_t count, std::int64_t now_ms) {
  std::vector<ShardState> shards;
  // The i-th shard starts at i/count of the 2^128 keys, rounded down, so that a count that divides
  // another has its boundaries too and a doubled count splits each shard once.
  const auto parts = static_cast<unsigned>(count);
  const bool divides = kLastHashKey % parts == parts - 1;
  const HashKey width = kLastHashKey / parts + (divides ? 1 : 0);
  const HashKey rest = divides ? 0 : kLastHashKey % parts + 1;
  const auto start_of = [&](unsigned i) {
    return width * i + rest * i / parts;
  };
  for (std::int32_t i = 0; i < count; ++i) {
    ShardState shard;
    shard.number = static_cast<std::uint32_t>(i);
    shard.epoch_ms = static_cast<std::uint64_t>(now_ms);
    shard.created_ms = now_ms;
    shard.start = start_of(static_cast<unsigned>(i));
    shard.end = i == count - 1 ? kLastHashKey : start_of(static_cast<unsigned>(i + 1)) - 1;
    shards.push_back(shard);
  }
  return shards;
}

Stream::Stream(StreamState state, Logs logs) : state_(std::move(state)), logs_(std::move(logs)) {
  for (const ShardState& shard : state_.shards) {
    if (shard.open()) open_.push_back(&shard);
  }
  std::sort(open_.begin(), open_.end(),
            [](const auto* a, const auto* b) { return a->start < b->start; });
  keep_policy("", state_.policy);
  for (const ConsumerState& consumer : state_.consumers)
    keep_policy(consumer.name, consumer.policy);
}

void Stream::keep_policy(const std::string& consumer, const std::string& text) {
  if (text.empty()) return;
  using iam::policy::Document;
  // Checked when it was put. One that a later version wrote and this one does not know allows
  // nothing.
  auto parsed = Document::parse(text, Document::Kind::kResource);
  policies_[consumer] = parsed.ok() ? std::move(parsed).value() : Document::nothing();
}

Stream::Policy Stream::policy(std::string_view consumer) const {
  const auto found = policies_.find(consumer);
  return found == policies_.end() ? nullptr : found->second;
}

bool Stream::serves() const {
  return state_.status == StreamStatus::kActive || state_.status == StreamStatus::kUpdating;
}

const ShardState* Stream::route(HashKey key) const {
  const auto after = std::upper_bound(open_.begin(), open_.end(), key,
                                      [](HashKey k, const auto* s) { return k < s->start; });
  return after == open_.begin() ? nullptr : *std::prev(after);
}

Result<std::shared_ptr<ShardLog>> Stream::log(std::uint32_t shard) const {
  const auto found = logs_.find(shard);
  if (found == logs_.end()) return Error(code::kNotFound, shard_id(shard) + " has no log");
  return found->second;
}

}  // namespace tarn::kinesis
