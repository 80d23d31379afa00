// What several handlers share: shapes made from state, checks, pages.
//
// Place: kinesis. Threads: pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "services/kinesis/api.h"
#include "services/kinesis/service.h"

namespace tarn::kinesis {

[[nodiscard]] Shard shard_shape(const ShardState& shard);

// An EncryptionType.
[[nodiscard]] std::string encryption_of(const StreamState& state);

// Error: ResourceInUseException.
[[nodiscard]] Status must_be_active(const StreamState& state);

// Whether the caller may set or remove a tag. Error: InvalidArgumentException (a reserved key).
[[nodiscard]] Status check_tag_key(const Caller& caller, const std::string& key);
// The tags of a stream or consumer. Error: InvalidArgumentException (too many tags).
[[nodiscard]] Status check_tag_count(const std::map<std::string, std::string>& tags,
                                     std::string_view of);
// Both, of one that is new.
[[nodiscard]] Status check_tags(const Caller& caller,
                                const std::map<std::string, std::string>& tags,
                                std::string_view of);

// The open or closed shard that `id` names. Error: ResourceNotFoundException.
[[nodiscard]] Result<const ShardState*> find_shard(const StreamState& state, const std::string& id);

// Index of the first shard after the one that `id` names, 0 without one. Error:
// InvalidArgumentException.
[[nodiscard]] Result<std::size_t> shards_after(const StreamState& state,
                                               const std::optional<std::string>& id);

// What an ARN of a request names: a stream, or a consumer of it.
struct NamedResource {
  StreamView stream;
  std::optional<std::string> consumer;  // its name; the stream has it
};

// Errors: ResourceNotFoundException.
[[nodiscard]] Result<NamedResource> find_resource(const KinesisService& kinesis,
                                                  const Caller& caller, const std::string& arn);

// Where the page of `token` begins. Errors: InvalidArgumentException (not of this listing),
// ExpiredNextTokenException.
[[nodiscard]] Result<std::string> open_page(const KinesisService& kinesis, const std::string& token,
                                            const std::string& scope);

}  // namespace tarn::kinesis
