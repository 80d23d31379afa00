// Hash keys: where in [0, 2^128) a partition key falls, and so in which shard.
//
// Place: kinesis. Threads: pure functions.
// Source: https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html (MD5 of the key's UTF-8
// bytes, read as a 128-bit big-endian integer).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::kinesis {

__extension__ using HashKey = unsigned __int128;

inline constexpr HashKey kLastHashKey = ~HashKey{0};

[[nodiscard]] HashKey hash_partition_key(std::string_view partition_key);

// The decimal form of API members (StartingHashKey, ExplicitHashKey).
[[nodiscard]] std::string format_hash_key(HashKey key);
// nullopt when `text` is not a decimal number below 2^128 without leading zeros.
[[nodiscard]] std::optional<HashKey> parse_hash_key(std::string_view text);

}  // namespace tarn::kinesis
