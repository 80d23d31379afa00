// Tokens: shard iterators and page tokens. Opaque to clients, signed, so that only tarn makes them.
//
// Place: kinesis. Threads: safe from any thread once made.
// Both live 5 minutes
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html,
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/kinesis/shard_reader.h"

namespace tarn::kinesis {

inline constexpr std::int64_t kTokenLifeMs = 300'000;

struct ShardIterator {
  std::string stream_id;
  std::string account;
  std::string stream_name;
  std::uint32_t shard = 0;
  ReadPosition position;
  bool from_horizon = false;  // at whatever is oldest, also when that moves on
  std::int64_t made_ms = 0;
};

// Where a listing goes on.
struct PageToken {
  std::string scope;  // which listing
  std::string after;  // last item given
  std::int64_t made_ms = 0;
};

class Tokens {
 public:
  explicit Tokens(std::string key) : key_(std::move(key)) {}

  [[nodiscard]] std::string seal(const ShardIterator& iterator) const;
  [[nodiscard]] std::string seal(const PageToken& page) const;
  // nullopt for what this server's seal() did not make.
  [[nodiscard]] std::optional<ShardIterator> open_iterator(std::string_view token) const;
  [[nodiscard]] std::optional<PageToken> open_page(std::string_view token) const;

 private:
  [[nodiscard]] std::string sign(std::string body) const;
  [[nodiscard]] std::optional<std::string> verify(std::string_view token) const;

  const std::string key_;
};

}  // namespace tarn::kinesis
