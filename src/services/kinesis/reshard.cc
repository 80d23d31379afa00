#include "services/kinesis/reshard.h"

#include <algorithm>

namespace tarn::kinesis {

namespace {

ShardState child(StreamState& state, HashKey start, HashKey end, const ShardState& parent,
                 const ShardState* adjacent, std::int64_t now_ms) {
  ShardState shard;
  shard.number = state.next_shard++;
  shard.start = start;
  shard.end = end;
  shard.parent = parent.number;
  shard.created_ms = now_ms;
  // Later than the parents' whatever the clock says: sequence numbers grow from parent to child.
  shard.epoch_ms = std::max(static_cast<std::uint64_t>(now_ms), parent.epoch_ms + 1);
  if (adjacent != nullptr) {
    shard.adjacent_parent = adjacent->number;
    shard.epoch_ms = std::max(shard.epoch_ms, adjacent->epoch_ms + 1);
  }
  return shard;
}

void add_split(StreamState& state, const ShardState& shard, HashKey at, std::int64_t now_ms,
               ReshardStep& step) {
  step.parents.push_back(shard.number);
  step.children.push_back(child(state, shard.start, at - 1, shard, nullptr, now_ms));
  step.children.push_back(child(state, at, shard.end, shard, nullptr, now_ms));
}

void add_merge(StreamState& state, const ShardState& shard, const ShardState& adjacent,
               std::int64_t now_ms, ReshardStep& step) {
  step.parents.push_back(shard.number);
  step.parents.push_back(adjacent.number);
  step.children.push_back(child(state, std::min(shard.start, adjacent.start),
                                std::max(shard.end, adjacent.end), shard, &adjacent, now_ms));
}

std::vector<ShardState> open_by_range(const StreamState& state) {
  std::vector<ShardState> open;
  std::copy_if(state.shards.begin(), state.shards.end(), std::back_inserter(open),
               [](const ShardState& s) { return s.open(); });
  std::sort(open.begin(), open.end(),
            [](const ShardState& a, const ShardState& b) { return a.start < b.start; });
  return open;
}

}  // namespace

Result<ReshardStep> plan_split(StreamState& state, std::uint32_t number, HashKey at,
                               std::int64_t now_ms) {
  const ShardState shard = *state.find(number);
  // AWS wants room on both sides.
  if (at <= shard.start + 1 || at >= shard.end) {
    return Error("InvalidArgumentException",
                 "NewStartingHashKey " + format_hash_key(at) + " used in SplitShard() on shard " +
                     shard_id(number) + " in stream " + state.name + " under account " +
                     state.account +
                     " is not both greater than one plus the shard's "
                     "StartingHashKey " +
                     format_hash_key(shard.start) + " and less than the shard's EndingHashKey " +
                     format_hash_key(shard.end) + ".");
  }
  ReshardStep step;
  add_split(state, shard, at, now_ms, step);
  return step;
}

Result<ReshardStep> plan_merge(StreamState& state, std::uint32_t number, std::uint32_t adjacent,
                               std::int64_t now_ms) {
  const ShardState one = *state.find(number);
  const ShardState other = *state.find(adjacent);
  const bool touch = (one.end < other.start && one.end + 1 == other.start) ||
                     (other.end < one.start && other.end + 1 == one.start);
  if (!touch) {
    return Error("InvalidArgumentException",
                 "Shards " + shard_id(number) + " and " + shard_id(adjacent) + " in stream " +
                     state.name + " under account " + state.account +
                     " are not an adjacent pair of shards eligible for merging");
  }
  ReshardStep step;
  add_merge(state, one, other, now_ms, step);
  return step;
}

namespace {

// Streams of before 2026-11-28 have boundaries that were rounded otherwise, by a few keys. Such a
// boundary stays, instead of a shard of a few keys between the two.
constexpr HashKey kSameBoundary = HashKey{1} << 32;

std::vector<HashKey> starts_toward(std::int32_t target, const std::vector<ShardState>& open,
                                   std::int64_t now_ms) {
  std::vector<HashKey> out;
  for (const ShardState& shard : even_shards(target, now_ms)) {
    const auto near = std::find_if(open.begin(), open.end(), [&](const ShardState& each) {
      return std::max(each.start, shard.start) - std::min(each.start, shard.start) < kSameBoundary;
    });
    out.push_back(near == open.end() ? shard.start : near->start);
  }
  return out;
}

}  // namespace

std::optional<ReshardStep> plan_toward(StreamState& state, std::int32_t target,
                                       std::int64_t now_ms) {
  const std::vector<ShardState> open = open_by_range(state);
  const std::vector<HashKey> starts = starts_toward(target, open, now_ms);
  ReshardStep step;
  for (const ShardState& shard : open) {
    const auto inside = std::upper_bound(starts.begin(), starts.end(), shard.start);
    const auto behind = std::upper_bound(starts.begin(), starts.end(), shard.end);
    if (inside == behind) continue;
    add_split(state, shard, *(inside + (behind - inside) / 2), now_ms, step);
  }
  if (!step.parents.empty()) return step;
  for (std::size_t i = 0; i + 1 < open.size(); ++i) {
    if (std::binary_search(starts.begin(), starts.end(), open[i + 1].start)) continue;
    add_merge(state, open[i], open[i + 1], now_ms, step);
    ++i;
  }
  if (step.parents.empty()) return std::nullopt;
  return step;
}

void complete_step(StreamState& state, const std::map<std::uint32_t, Counter>& ends,
                   std::int64_t now_ms) {
  for (const std::uint32_t parent : state.step->parents) {
    ShardState* const shard = state.find(parent);
    shard->closed_at = ends.at(parent);
    shard->closed_ms = now_ms;
  }
  state.shards.insert(state.shards.end(), state.step->children.begin(), state.step->children.end());
  state.step.reset();
  if (state.target_shards) state.step = plan_toward(state, *state.target_shards, now_ms);
  if (state.step) return;
  state.target_shards.reset();
  state.status = StreamStatus::kActive;
}

}  // namespace tarn::kinesis
