// What several handlers share: shapes made from state, checks, pages.
//
// Place: kinesis. Threads: pure functions.
#pragma once

#include <optional>
#include <string>

#include "services/kinesis/api.h"
#include "services/kinesis/service.h"

namespace tarn::kinesis {

[[nodiscard]] Shard shard_shape(const ShardState& shard);

// Error: ResourceInUseException.
[[nodiscard]] Status must_be_active(const StreamState& state);

// Error: InvalidArgumentException (too many tags, a reserved or overlong key).
[[nodiscard]] Status check_tags(const StreamState& state);

// The open or closed shard that `id` names. Error: ResourceNotFoundException.
[[nodiscard]] Result<const ShardState*> find_shard(const StreamState& state, const std::string& id);

// Index of the first shard after the one that `id` names, 0 without one. Error:
// InvalidArgumentException.
[[nodiscard]] Result<std::size_t> shards_after(const StreamState& state,
                                               const std::optional<std::string>& id);

// Where the page of `token` begins. Errors: InvalidArgumentException (not of this listing),
// ExpiredNextTokenException.
[[nodiscard]] Result<std::string> open_page(const KinesisService& kinesis, const std::string& token,
                                            const std::string& scope);

}  // namespace tarn::kinesis
