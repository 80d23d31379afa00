// Streams: made, described, changed, deleted.
#include <algorithm>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/shapes.h"

namespace tarn::kinesis {

namespace {

constexpr std::int32_t kDefaultStreamsListed = 100;
constexpr std::int32_t kDefaultShardsDescribed = 100;
constexpr std::string_view kIdAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

// As AWS forms it: [a-z0-9]{20}-[a-z0-9]{3}.
std::string make_stream_id(platform::Random& random) {
  return random.text(20, kIdAlphabet) + "-" + random.text(3, kIdAlphabet);
}

Status check_shard_limit(Catalog& catalog, const Caller& caller, std::int32_t more) {
  std::int32_t open = 0;
  for (const StreamView& stream : catalog.list(caller.account_id, caller.region)) {
    open += stream->state().open_shards();
  }
  if (open + more <= kShardLimit) return {};
  return Error("LimitExceededException",
               fmt::format("This request would exceed the shard limit for the account {} in {}. "
                           "Current shard count for "
                           "the account: {}. Limit: {}. Number of additional shards that would "
                           "have resulted from this "
                           "request: {}. Refer to the AWS Service Limits page "
                           "(https://docs.aws.amazon.com/general/latest/gr/"
                           "aws_service_limits.html) for current limits "
                           "and how to request higher limits.",
                           caller.account_id, caller.region, open, kShardLimit, more));
}

Status check_new_stream(Catalog& catalog, const Caller& caller, const StreamState& wanted) {
  if (catalog.find({wanted.account, wanted.region, wanted.name})) {
    return Error("ResourceInUseException", fmt::format("Stream {} under account {} already exists.",
                                                       wanted.name, wanted.account));
  }
  std::size_t creating = 0;
  for (const StreamView& stream : catalog.list(caller.account_id, caller.region)) {
    creating += stream->state().status == StreamStatus::kCreating ? 1 : 0;
  }
  if (creating >= kMaxCreating) {
    return Error("LimitExceededException",
                 fmt::format("Account {} has {} streams in state CREATING already; at most {} may "
                             "be created at the same "
                             "time.",
                             caller.account_id, creating, kMaxCreating));
  }
  return check_shard_limit(catalog, caller, wanted.open_shards());
}

Result<std::int32_t> shards_of(const CreateStreamInput& input, bool on_demand) {
  if (!on_demand) return input.shard_count.value_or(1);
  if (input.shard_count) {
    return validation("ShardCount cannot be given for a stream whose StreamMode is ON_DEMAND.");
  }
  return kOnDemandShards;
}

Result<StreamState> new_stream(KinesisService& kinesis, const Caller& caller,
                               CreateStreamInput& input) {
  if (input.warm_throughput_mi_bps) {
    return validation("WarmThroughputMiBps is not supported: there is no capacity to warm.");
  }
  if (input.record_distribution_strategy == values::record_distribution_strategy::kAuto) {
    return validation(
        "RecordDistributionStrategy AUTO is not supported: partition keys decide the shard.");
  }
  StreamState state;
  state.on_demand = input.stream_mode_details &&
                    input.stream_mode_details->stream_mode == values::stream_mode::kOnDemand;
  TARN_TRY(const std::int32_t shards, shards_of(input, state.on_demand));
  if (shards > kShardLimit) TARN_CHECK(check_shard_limit(kinesis.catalog(), caller, shards));
  state.id = make_stream_id(kinesis.platform().random);
  state.account = caller.account_id;
  state.region = caller.region;
  state.name = std::move(input.stream_name);
  state.created_ms = kinesis.now().ms;
  state.max_record_kib = input.max_record_size_in_ki_b.value_or(kDefaultRecordKib);
  if (input.tags) state.tags = std::move(*input.tags);
  TARN_CHECK(check_tags(caller, state.tags, "stream " + state.name));
  state.shards = even_shards(shards, state.created_ms);
  state.next_shard = static_cast<std::uint32_t>(shards);
  return state;
}

StreamModeDetails mode_of(const StreamState& state) {
  return {std::string(state.on_demand ? values::stream_mode::kOnDemand
                                      : values::stream_mode::kProvisioned)};
}

}  // namespace

Answer<CreateStream> handle(CreateStream, KinesisService& kinesis, const Caller& caller,
                            CreateStreamInput input) {
  TARN_CO_TRY(StreamState state, new_stream(kinesis, caller, input));
  const std::string id = state.id;
  const StreamState wanted = state;
  std::function<Status()> check = [&] {
    return check_new_stream(kinesis.catalog(), caller, wanted);
  };
  TARN_CO_CHECK(co_await kinesis.catalog().add(std::move(state), std::move(check)));
  kinesis.lifecycle().drive(id);
  co_return wire::Unit();
}

Answer<DeleteStream> handle(DeleteStream, KinesisService& kinesis, const Caller& caller,
                            DeleteStreamInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  const std::string id = stream->state().id;
  const bool with_consumers = input.enforce_consumer_deletion.value_or(false);
  Catalog::Edit edit = [with_consumers](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    if (!state.consumers.empty() && !with_consumers) {
      return Error("ResourceInUseException",
                   fmt::format("Stream {} under account {} has {} registered consumers; delete it "
                               "with EnforceConsumerDeletion, or deregister them first.",
                               state.name, state.account, state.consumers.size()));
    }
    state.status = StreamStatus::kDeleting;
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(id, std::move(edit)));
  kinesis.lifecycle().drive(id);
  co_return wire::Unit();
}

Answer<DescribeStream> handle(DescribeStream, KinesisService& kinesis, const Caller& caller,
                              DescribeStreamInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const StreamState& state = stream->state();
  DescribeStreamOutput output;
  StreamDescription& description = output.stream_description;
  description.stream_name = state.name;
  description.stream_arn = state.arn();
  description.stream_status = to_text(state.status);
  description.stream_mode_details = mode_of(state);
  description.retention_period_hours = state.retention_hours;
  description.stream_creation_timestamp = {state.created_ms};
  description.enhanced_monitoring.emplace_back().shard_level_metrics.emplace();
  description.encryption_type = encryption_of(state);
  if (!state.key_id.empty()) description.key_id = state.key_id;
  // A stream shows its shards once it is there.
  if (state.status == StreamStatus::kCreating) co_return output;
  TARN_CO_TRY(const std::size_t first, shards_after(state, input.exclusive_start_shard_id));
  const auto limit = static_cast<std::size_t>(input.limit.value_or(kDefaultShardsDescribed));
  const std::size_t last = std::min(state.shards.size(), first + limit);
  for (std::size_t i = first; i < last; ++i)
    description.shards.push_back(shard_shape(state.shards[i]));
  description.has_more_shards = last < state.shards.size();
  co_return output;
}

Answer<DescribeStreamSummary> handle(DescribeStreamSummary, KinesisService& kinesis,
                                     const Caller& caller, DescribeStreamSummaryInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const StreamState& state = stream->state();
  DescribeStreamSummaryOutput output;
  StreamDescriptionSummary& summary = output.stream_description_summary;
  summary.stream_name = state.name;
  summary.stream_arn = state.arn();
  summary.stream_id = state.id;
  summary.stream_status = to_text(state.status);
  summary.stream_mode_details = mode_of(state);
  summary.retention_period_hours = state.retention_hours;
  summary.stream_creation_timestamp = {state.created_ms};
  summary.enhanced_monitoring.emplace_back().shard_level_metrics.emplace();
  summary.encryption_type = encryption_of(state);
  if (!state.key_id.empty()) summary.key_id = state.key_id;
  summary.open_shard_count = state.status == StreamStatus::kCreating ? 0 : state.open_shards();
  summary.consumer_count = static_cast<std::int32_t>(state.consumers.size());
  summary.max_record_size_in_ki_b = state.max_record_kib;
  co_return output;
}

Answer<ListStreams> handle(ListStreams, KinesisService& kinesis, const Caller& caller,
                           ListStreamsInput input) {
  const std::string scope = "streams/" + caller.account_id + "/" + caller.region;
  std::string after = input.exclusive_start_stream_name.value_or("");
  if (input.next_token) {
    TARN_CO_TRY(after, open_page(kinesis, *input.next_token, scope));
  }
  const auto limit = static_cast<std::size_t>(input.limit.value_or(kDefaultStreamsListed));
  ListStreamsOutput output;
  output.stream_summaries.emplace();
  for (const StreamView& stream : kinesis.catalog().list(caller.account_id, caller.region)) {
    const StreamState& state = stream->state();
    if (!after.empty() && state.name <= after) continue;
    if (output.stream_names.size() == limit) {
      output.has_more_streams = true;
      const PageToken page{scope, output.stream_names.back(), kinesis.now().ms};
      output.next_token = kinesis.tokens().seal(page);
      break;
    }
    output.stream_names.push_back(state.name);
    StreamSummary& summary = output.stream_summaries->emplace_back();
    summary.stream_name = state.name;
    summary.stream_arn = state.arn();
    summary.stream_status = to_text(state.status);
    summary.stream_mode_details = mode_of(state);
    summary.stream_creation_timestamp = Timestamp{state.created_ms};
  }
  co_return output;
}

Answer<DescribeLimits> handle(DescribeLimits, KinesisService& kinesis, const Caller& caller,
                              DescribeLimitsInput) {
  DescribeLimitsOutput output;
  output.shard_limit = kShardLimit;
  output.on_demand_stream_count_limit = kOnDemandStreamLimit;
  for (const StreamView& stream : kinesis.catalog().list(caller.account_id, caller.region)) {
    output.open_shard_count += stream->state().open_shards();
    output.on_demand_stream_count += stream->state().on_demand ? 1 : 0;
  }
  co_return output;
}

namespace {

Status check_retention(std::int32_t hours) {
  if (hours < kMinRetentionHours) {
    return invalid_argument(
        fmt::format("Minimum allowed retention period is {} hours. Requested retention period ({} "
                    "hours) is too short.",
                    kMinRetentionHours, hours));
  }
  if (hours > kMaxRetentionHours) {
    return invalid_argument(
        fmt::format("Maximum allowed retention period is {} hours. Requested retention period ({} "
                    "hours) is too long.",
                    kMaxRetentionHours, hours));
  }
  return {};
}

}  // namespace

Answer<IncreaseStreamRetentionPeriod> handle(IncreaseStreamRetentionPeriod, KinesisService& kinesis,
                                             const Caller& caller,
                                             IncreaseStreamRetentionPeriodInput input) {
  const std::int32_t hours = input.retention_period_hours;
  TARN_CO_CHECK(check_retention(hours));
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  Catalog::Edit edit = [hours](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    if (hours < state.retention_hours) {
      return invalid_argument(
          fmt::format("Requested retention period ({} hours) for stream {} can not be shorter than "
                      "existing retention period ({} hours). Use DecreaseRetentionPeriod API.",
                      hours, state.name, state.retention_hours));
    }
    state.retention_hours = hours;
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(stream->state().id, std::move(edit)));
  co_return wire::Unit();
}

Answer<DecreaseStreamRetentionPeriod> handle(DecreaseStreamRetentionPeriod, KinesisService& kinesis,
                                             const Caller& caller,
                                             DecreaseStreamRetentionPeriodInput input) {
  const std::int32_t hours = input.retention_period_hours;
  TARN_CO_CHECK(check_retention(hours));
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, input.stream_name, input.stream_arn));
  Catalog::Edit edit = [hours](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    if (hours > state.retention_hours) {
      return invalid_argument(
          fmt::format("Requested retention period ({} hours) for stream {} can not be longer than "
                      "existing retention period ({} hours). Use IncreaseRetentionPeriod API.",
                      hours, state.name, state.retention_hours));
    }
    state.retention_hours = hours;
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(stream->state().id, std::move(edit)));
  co_return wire::Unit();
}

Answer<UpdateMaxRecordSize> handle(UpdateMaxRecordSize, KinesisService& kinesis,
                                   const Caller& caller, UpdateMaxRecordSizeInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve_active(caller, std::nullopt, input.stream_arn));
  const std::int32_t kib = input.max_record_size_in_ki_b;
  Catalog::Edit edit = [kib](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    state.max_record_kib = kib;
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(stream->state().id, std::move(edit)));
  co_return wire::Unit();
}

Answer<UpdateStreamMode> handle(UpdateStreamMode, KinesisService& kinesis, const Caller& caller,
                                UpdateStreamModeInput input) {
  if (input.warm_throughput_mi_bps) {
    co_return validation("WarmThroughputMiBps is not supported: there is no capacity to warm.");
  }
  const std::optional<std::string> arn = input.stream_arn;
  TARN_CO_TRY(const StreamView stream, kinesis.resolve_active(caller, std::nullopt, arn));
  const bool on_demand = input.stream_mode_details.stream_mode == values::stream_mode::kOnDemand;
  Catalog::Edit edit = [on_demand](StreamState& state) -> Status {
    TARN_CHECK(must_be_active(state));
    state.on_demand = on_demand;
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(stream->state().id, std::move(edit)));
  co_return wire::Unit();
}

}  // namespace tarn::kinesis
