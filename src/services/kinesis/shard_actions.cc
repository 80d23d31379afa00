// Shards: listed, split, merged, counted anew.
#include <algorithm>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/reshard.h"
#include "services/kinesis/shapes.h"

namespace tarn::kinesis {

namespace {

constexpr std::int32_t kDefaultShardsListed = 1000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kCountUpdatesADay = 10;
constexpr std::int32_t kMaxShardsByUpdate = 10'000;

// Which shards a ShardFilter lets through
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html).
class Filter {
 public:
  static Result<Filter> make(const std::optional<ShardFilter>& wanted, const StreamState& state,
                             std::int64_t now_ms) {
    Filter filter;
    if (!wanted) return filter;
    namespace type = values::shard_filter_type;
    filter.type_ = wanted->type;
    const std::int64_t horizon = std::max(state.created_ms, now_ms - state.retention_ms());
    filter.ms_ = horizon;
    if (wanted->type == type::kAfterShardId) {
      if (!wanted->shard_id)
        return invalid_argument("ShardFilter of type AFTER_SHARD_ID needs a ShardId.");
      TARN_TRY(filter.first_, shards_after(state, wanted->shard_id));
    }
    if (wanted->type == type::kAtTimestamp || wanted->type == type::kFromTimestamp) {
      if (!wanted->timestamp) {
        return invalid_argument(
            fmt::format("ShardFilter of type {} needs a Timestamp.", wanted->type));
      }
      filter.ms_ = std::max(horizon, wanted->timestamp->ms);
    }
    return filter;
  }

  [[nodiscard]] bool lets_through(const StreamState& state, std::size_t index) const {
    namespace type = values::shard_filter_type;
    const ShardState& shard = state.shards[index];
    if (type_.empty()) return true;
    if (type_ == type::kAfterShardId) return index >= first_;
    if (type_ == type::kAtLatest) return shard.open();
    const bool lived_on = shard.open() || shard.closed_ms >= ms_;
    if (type_ == type::kFromTrimHorizon || type_ == type::kFromTimestamp) return lived_on;
    return lived_on && shard.created_ms <= ms_;
  }

 private:
  std::string type_;
  std::size_t first_ = 0;
  std::int64_t ms_ = 0;
};

// The stream and the place in it that a ListShards goes on from; with a NextToken both are in it.
struct Listing {
  StreamView stream;
  std::size_t first = 0;
  std::optional<ShardFilter> filter;
};

// "shards/STREAM ID/filter": a page token keeps the filter of its listing.
std::string scope_of(const std::string& stream_id, const std::optional<ShardFilter>& filter) {
  if (!filter) return "shards/" + stream_id;
  return fmt::format("shards/{}/{}/{}", stream_id, filter->type,
                     filter->timestamp.value_or(Timestamp{}).ms);
}

Result<Listing> resume_listing(KinesisService& kinesis, const ListShardsInput& input) {
  if (input.stream_name || input.stream_arn || input.exclusive_start_shard_id ||
      input.shard_filter || input.stream_creation_timestamp) {
    return invalid_argument("NextToken and StreamName cannot be provided together.");
  }
  const std::optional<PageToken> page = kinesis.tokens().open_page(*input.next_token);
  if (!page || !page->scope.starts_with("shards/")) return invalid_argument("Invalid NextToken.");
  TARN_TRY(const std::string after, open_page(kinesis, *input.next_token, page->scope));
  std::string rest = page->scope.substr(std::string_view("shards/").size());
  Listing listing;
  const std::size_t slash = rest.find('/');
  if (slash != std::string::npos) {
    const std::size_t second = rest.find('/', slash + 1);
    listing.filter.emplace();
    listing.filter->type = rest.substr(slash + 1, second - slash - 1);
    listing.filter->timestamp = Timestamp{std::stoll(rest.substr(second + 1))};
    if (listing.filter->type == values::shard_filter_type::kAfterShardId) listing.filter.reset();
    rest.resize(slash);
  }
  listing.stream = kinesis.catalog().find_id(rest);
  if (!listing.stream)
    return Error("ResourceNotFoundException", "The stream of this NextToken was deleted.");
  TARN_TRY(listing.first, shards_after(listing.stream->state(), after));
  return listing;
}

Result<Listing> begin_listing(KinesisService& kinesis, const Caller& caller,
                              const ListShardsInput& input) {
  if (input.next_token) return resume_listing(kinesis, input);
  Listing listing;
  TARN_TRY(listing.stream, kinesis.resolve(caller, input.stream_name, input.stream_arn));
  TARN_TRY(listing.first, shards_after(listing.stream->state(), input.exclusive_start_shard_id));
  listing.filter = input.shard_filter;
  return listing;
}

// Reads, decides, commits: `plan` gives the step from the stream's state, which it may draw shard
// numbers from.
using Plan = std::function<Result<ReshardStep>(StreamState& state, std::int64_t now_ms)>;

Task<Status> begin_reshard(KinesisService& kinesis, StreamView stream, Plan plan) {
  const std::int64_t now = kinesis.now().ms;
  Catalog::Edit edit = [&plan, now](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    TARN_TRY(state.step, plan(state, now));
    state.status = StreamStatus::kUpdating;
    return {};
  };
  const std::string id = stream->state().id;
  TARN_CO_CHECK(co_await kinesis.catalog().change(id, std::move(edit)));
  kinesis.lifecycle().drive(id);
  co_return Status();
}

Result<std::uint32_t> open_shard(const StreamState& state, const std::string& id) {
  TARN_TRY(const ShardState* const shard, find_shard(state, id));
  if (!shard->open()) {
    return invalid_argument(
        fmt::format("Shard {} in stream {} under account {} has already been merged or split, and "
                    "thus is not eligible for merging or splitting.",
                    id, state.name, state.account));
  }
  return shard->number;
}

Status check_target(const StreamState& state, std::int32_t target, std::int64_t now_ms) {
  const std::int32_t current = state.open_shards();
  const auto recent = std::count_if(state.count_updates_ms.begin(), state.count_updates_ms.end(),
                                    [&](std::int64_t ms) { return ms > now_ms - kDayMs; });
  if (static_cast<std::size_t>(recent) >= kCountUpdatesADay) {
    return Error("LimitExceededException",
                 fmt::format("UpdateShardCount was called {} times for stream {} within 24 hours, "
                             "which is the limit.",
                             recent, state.name));
  }
  if (target > 2 * current) {
    return invalid_argument(
        fmt::format("UpdateShardCount cannot scale up over double your current open shard count. "
                    "Current open shard count: {} Target shard count: {}",
                    current, target));
  }
  if (2 * target < current) {
    return invalid_argument(
        fmt::format("UpdateShardCount cannot scale down below half your current open shard count. "
                    "Current open shard count: {} Target shard count: {}",
                    current, target));
  }
  if (target > kMaxShardsByUpdate) {
    return Error("LimitExceededException",
                 fmt::format("UpdateShardCount cannot scale over {} shards. Target shard count: {}",
                             kMaxShardsByUpdate, target));
  }
  return {};
}

}  // namespace

Answer<ListShards> handle(ListShards, KinesisService& kinesis, const Caller& caller,
                          ListShardsInput input) {
  TARN_CO_TRY(const Listing listing, begin_listing(kinesis, caller, input));
  const StreamState& state = listing.stream->state();
  if (state.status == StreamStatus::kCreating || state.status == StreamStatus::kDeleting) {
    co_return stream_not_active(state.name, state.account, to_text(state.status));
  }
  TARN_CO_TRY(const Filter filter, Filter::make(listing.filter, state, kinesis.now().ms));
  const auto limit = static_cast<std::size_t>(input.max_results.value_or(kDefaultShardsListed));
  ListShardsOutput output;
  output.shards.emplace();
  for (std::size_t i = listing.first; i < state.shards.size(); ++i) {
    if (!filter.lets_through(state, i)) continue;
    if (output.shards->size() == limit) {
      const PageToken page{scope_of(state.id, listing.filter), output.shards->back().shard_id,
                           kinesis.now().ms};
      output.next_token = kinesis.tokens().seal(page);
      break;
    }
    output.shards->push_back(shard_shape(state.shards[i]));
  }
  co_return output;
}

Answer<SplitShard> handle(SplitShard, KinesisService& kinesis, const Caller& caller,
                          SplitShardInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  const std::optional<HashKey> at = parse_hash_key(input.new_starting_hash_key);
  if (!at) {
    co_return invalid_argument(fmt::format(
        "NewStartingHashKey {} is not in the range [0, 2^128-1].", input.new_starting_hash_key));
  }
  Plan plan = [&](StreamState& state, std::int64_t now) -> Result<ReshardStep> {
    TARN_TRY(const std::uint32_t number, open_shard(state, input.shard_to_split));
    return plan_split(state, number, *at, now);
  };
  TARN_CO_CHECK(co_await begin_reshard(kinesis, stream, std::move(plan)));
  co_return wire::Unit();
}

Answer<MergeShards> handle(MergeShards, KinesisService& kinesis, const Caller& caller,
                           MergeShardsInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  Plan plan = [&](StreamState& state, std::int64_t now) -> Result<ReshardStep> {
    TARN_TRY(const std::uint32_t number, open_shard(state, input.shard_to_merge));
    TARN_TRY(const std::uint32_t adjacent, open_shard(state, input.adjacent_shard_to_merge));
    return plan_merge(state, number, adjacent, now);
  };
  TARN_CO_CHECK(co_await begin_reshard(kinesis, stream, std::move(plan)));
  co_return wire::Unit();
}

Answer<UpdateShardCount> handle(UpdateShardCount, KinesisService& kinesis, const Caller& caller,
                                UpdateShardCountInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  UpdateShardCountOutput output;
  output.stream_name = stream->state().name;
  output.stream_arn = stream->state().arn();
  output.target_shard_count = input.target_shard_count;
  const std::int64_t now = kinesis.now().ms;
  Catalog::Edit edit = [&](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    TARN_CHECK(check_target(state, input.target_shard_count, now));
    output.current_shard_count = state.open_shards();
    std::erase_if(state.count_updates_ms, [now](std::int64_t ms) { return ms <= now - kDayMs; });
    state.count_updates_ms.push_back(now);
    state.step = plan_toward(state, input.target_shard_count, now);
    if (!state.step) return {};
    state.target_shards = input.target_shard_count;
    state.status = StreamStatus::kUpdating;
    return {};
  };
  const std::string id = stream->state().id;
  TARN_CO_CHECK(co_await kinesis.catalog().change(id, std::move(edit)));
  kinesis.lifecycle().drive(id);
  co_return output;
}

}  // namespace tarn::kinesis
