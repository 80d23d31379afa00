// Resharding: which shards close and which take their place.
//
// Place: kinesis. Threads: pure functions.
// Source: https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
#pragma once

#include <map>
#include <optional>

#include "base/result.h"
#include "services/kinesis/stream.h"

namespace tarn::kinesis {

// Shard `number` in two, the second beginning at `at`. Takes the children's numbers from `state`.
// Errors: InvalidArgumentException (`at` leaves one side empty).
[[nodiscard]] Result<ReshardStep> plan_split(StreamState& state, std::uint32_t number, HashKey at,
                                             std::int64_t now_ms);

// Two open shards in one. Errors: InvalidArgumentException (their ranges do not touch).
[[nodiscard]] Result<ReshardStep> plan_merge(StreamState& state, std::uint32_t number,
                                             std::uint32_t adjacent, std::int64_t now_ms);

// The next step from the open shards toward `target` even ones: all splits that are needed, then
// all merges. nullopt when they are there.
[[nodiscard]] std::optional<ReshardStep> plan_toward(StreamState& state, std::int32_t target,
                                                     std::int64_t now_ms);

// Ends state.step: the parents are closed at `ends`, the children open. Begins the next one toward
// state.target_shards, or makes the stream ACTIVE.
void complete_step(StreamState& state, const std::map<std::uint32_t, Counter>& ends,
                   std::int64_t now_ms);

}  // namespace tarn::kinesis
