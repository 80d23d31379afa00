#include "services/kinesis/shapes.h"

#include <algorithm>

#include "gateway/system_tags.h"
#include "services/kinesis/faults.h"

namespace tarn::kinesis {

Shard shard_shape(const ShardState& shard) {
  Shard shape;
  shape.shard_id = shard_id(shard.number);
  if (shard.parent) shape.parent_shard_id = shard_id(*shard.parent);
  if (shard.adjacent_parent) shape.adjacent_parent_shard_id = shard_id(*shard.adjacent_parent);
  shape.hash_key_range.starting_hash_key = format_hash_key(shard.start);
  shape.hash_key_range.ending_hash_key = format_hash_key(shard.end);
  shape.sequence_number_range.starting_sequence_number = format_sequence({shard.origin(), 0});
  if (shard.closed_at) {
    shape.sequence_number_range.ending_sequence_number =
        format_sequence({shard.origin(), *shard.closed_at});
  }
  return shape;
}

std::string encryption_of(const StreamState& state) {
  return std::string(state.key_id.empty() ? values::encryption_type::kNone
                                          : values::encryption_type::kKms);
}

Status must_be_active(const StreamState& state) {
  if (state.status == StreamStatus::kActive) return {};
  return stream_not_active(state.name, state.account, to_text(state.status));
}

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, key)) return {};
  return invalid_argument(
      fmt::format("The tag key {} begins with aws:, which is reserved for AWS.", key));
}

Status check_tag_count(const std::map<std::string, std::string>& tags, std::string_view of) {
  if (gateway::count_own_tags(tags) <= kMaxTags) return {};
  return invalid_argument(
      fmt::format("Failed to add tags to {} because a given resource cannot have more than {} "
                  "tags associated with it.",
                  of, kMaxTags));
}

Status check_tags(const Caller& caller, const std::map<std::string, std::string>& tags,
                  std::string_view of) {
  for (const auto& [key, value] : tags) TARN_CHECK(check_tag_key(caller, key));
  return check_tag_count(tags, of);
}

Result<const ShardState*> find_shard(const StreamState& state, const std::string& id) {
  const std::optional<std::uint32_t> number = parse_shard_id(id);
  const ShardState* const shard = number ? state.find(*number) : nullptr;
  if (shard == nullptr || state.status == StreamStatus::kCreating) {
    return shard_not_found(id, state.name, state.account);
  }
  return shard;
}

Result<NamedResource> find_resource(const KinesisService& kinesis, const Caller& caller,
                                    const std::string& arn) {
  if (arn.find("/consumer/") == std::string::npos) {
    TARN_TRY(StreamView stream, kinesis.resolve(caller, std::nullopt, arn));
    return NamedResource{std::move(stream), std::nullopt};
  }
  TARN_TRY(ConsumerView view, kinesis.resolve_consumer(arn));
  return NamedResource{std::move(view.stream), view.consumer->name};
}

Result<std::size_t> shards_after(const StreamState& state, const std::optional<std::string>& id) {
  if (!id) return std::size_t{0};
  const std::optional<std::uint32_t> number = parse_shard_id(*id);
  if (!number) {
    return invalid_argument(fmt::format("ExclusiveStartShardId {} is not the id of a shard.", *id));
  }
  const auto after =
      std::upper_bound(state.shards.begin(), state.shards.end(), *number,
                       [](std::uint32_t n, const ShardState& s) { return n < s.number; });
  return static_cast<std::size_t>(after - state.shards.begin());
}

Result<std::string> open_page(const KinesisService& kinesis, const std::string& token,
                              const std::string& scope) {
  const std::optional<PageToken> page = kinesis.tokens().open_page(token);
  if (!page || page->scope != scope) return invalid_argument("Invalid NextToken.");
  const std::int64_t age = kinesis.now().ms - page->made_ms;
  if (age > kTokenLifeMs) {
    return Error("ExpiredNextTokenException",
                 fmt::format("NextToken expired: it is {} ms old, and may be {} ms old.", age,
                             kTokenLifeMs));
  }
  return page->after;
}

}  // namespace tarn::kinesis
