// Sequence numbers: what names a record of a shard, for clients a decimal string.
//
// Place: kinesis. Threads: pure functions and values.
//
// AWS promises a decimal string that grows within a shard and from a shard to its children
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html); its own have 56
// digits and begin with 49. Ours have the same look, and their fields are fixed groups of decimal
// digits, so that writing one needs no big-number arithmetic:
//
//     49 eeeeeeeeeeeee cccccccccccccccccccc ssssssssss 00000000000
//     |  |             |                    |          room for user records inside one record
//     |  |             |                    shard number
//     |  |             counter: 1, 2, 3 … within the shard, without gaps
//     |  epoch: when the shard was made, in ms; a child's is later than its parents'
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::kinesis {

// Position of a record in its shard; the first has 1.
using Counter = std::uint64_t;

struct ShardOrigin {
  std::uint64_t epoch_ms = 0;
  std::uint32_t shard = 0;

  bool operator==(const ShardOrigin&) const = default;
};

struct SequenceNumber {
  ShardOrigin origin;
  Counter counter = 0;

  bool operator==(const SequenceNumber&) const = default;
};

inline constexpr std::size_t kSequenceDigits = 56;

[[nodiscard]] std::string format_sequence(const SequenceNumber& sequence);

// nullopt for a string that format_sequence never gives.
[[nodiscard]] std::optional<SequenceNumber> parse_sequence(std::string_view text);

}  // namespace tarn::kinesis
