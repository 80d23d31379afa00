// Consumers of enhanced fan-out: registered, described, listed, subscribed to shards.
#include <algorithm>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/records.h"
#include "services/kinesis/shapes.h"

namespace tarn::kinesis {

namespace {

constexpr std::int32_t kDefaultConsumersListed = 100;

Consumer consumer_shape(const StreamState& state, const ConsumerState& consumer) {
  Consumer shape;
  shape.consumer_name = consumer.name;
  shape.consumer_arn = state.arn(consumer);
  shape.consumer_status = values::consumer_status::kActive;
  shape.consumer_creation_timestamp = {consumer.created_ms};
  return shape;
}

Status add_consumer(StreamState& state, ConsumerState consumer) {
  TARN_CHECK(must_be_active(state));
  if (state.find_consumer(consumer.name) != nullptr) {
    return Error("ResourceInUseException",
                 fmt::format("Consumer {} of stream {} under account {} already exists.",
                             consumer.name, state.name, state.account));
  }
  if (state.consumers.size() >= kMaxConsumers) {
    return Error("LimitExceededException",
                 fmt::format("Stream {} under account {} has {} registered consumers already, "
                             "which is the limit.",
                             state.name, state.account, kMaxConsumers));
  }
  const auto after =
      std::find_if(state.consumers.begin(), state.consumers.end(),
                   [&](const ConsumerState& other) { return other.name > consumer.name; });
  state.consumers.insert(after, std::move(consumer));
  return {};
}

// Which consumer a request names: by its ARN, or by its stream's ARN and its name.
template <class Input>
Result<ConsumerView> named_consumer(const KinesisService& kinesis, const Caller& caller,
                                    const Input& input) {
  if (input.consumer_arn && !input.stream_arn && !input.consumer_name)
    return kinesis.resolve_consumer(*input.consumer_arn);
  if (!input.stream_arn || !input.consumer_name) {
    return invalid_argument("Either ConsumerARN, or StreamARN and ConsumerName, must be given.");
  }
  TARN_TRY(StreamView stream, kinesis.resolve(caller, std::nullopt, input.stream_arn));
  const ConsumerState* const consumer = stream->state().find_consumer(*input.consumer_name);
  if (consumer == nullptr)
    return consumer_not_found(stream->state().arn() + "/consumer/" + *input.consumer_name);
  if (input.consumer_arn && *input.consumer_arn != stream->state().arn(*consumer)) {
    return invalid_argument(fmt::format("ConsumerARN {} is not the consumer {} of StreamARN {}.",
                                        *input.consumer_arn, *input.consumer_name,
                                        *input.stream_arn));
  }
  return ConsumerView{std::move(stream), consumer};
}

StartingPoint starting_point(const StartingPosition& position) {
  return {position.type, position.sequence_number, position.timestamp};
}

}  // namespace

Answer<RegisterStreamConsumer> handle(RegisterStreamConsumer, KinesisService& kinesis,
                                      const Caller& caller, RegisterStreamConsumerInput input) {
  const std::optional<std::string> arn = input.stream_arn;
  TARN_CO_TRY(const StreamView stream, kinesis.resolve_active(caller, std::nullopt, arn));
  ConsumerState consumer;
  consumer.name = std::move(input.consumer_name);
  consumer.created_ms = kinesis.now().ms;
  if (input.tags) consumer.tags = std::move(*input.tags);
  TARN_CO_CHECK(check_tags(caller, consumer.tags, consumer.name));
  Catalog::Edit edit = [&consumer](StreamState& state) {
    return add_consumer(state, consumer);
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(stream->state().id, std::move(edit)));
  RegisterStreamConsumerOutput output;
  output.consumer = consumer_shape(stream->state(), consumer);
  co_return output;
}

Answer<DeregisterStreamConsumer> handle(DeregisterStreamConsumer, KinesisService& kinesis,
                                        const Caller& caller, DeregisterStreamConsumerInput input) {
  TARN_CO_TRY(const ConsumerView view, named_consumer(kinesis, caller, input));
  const std::string name = view.consumer->name;
  Catalog::Edit edit = [&name](StreamState& state) -> Status {
    std::erase_if(state.consumers, [&name](const ConsumerState& c) { return c.name == name; });
    return {};
  };
  TARN_CO_CHECK(co_await kinesis.catalog().change(view.stream->state().id, std::move(edit)));
  co_return wire::Unit();
}

Answer<DescribeStreamConsumer> handle(DescribeStreamConsumer, KinesisService& kinesis,
                                      const Caller& caller, DescribeStreamConsumerInput input) {
  TARN_CO_TRY(const ConsumerView view, named_consumer(kinesis, caller, input));
  const StreamState& state = view.stream->state();
  const Consumer shape = consumer_shape(state, *view.consumer);
  DescribeStreamConsumerOutput output;
  ConsumerDescription& description = output.consumer_description;
  description.consumer_name = shape.consumer_name;
  description.consumer_arn = shape.consumer_arn;
  description.consumer_status = shape.consumer_status;
  description.consumer_creation_timestamp = shape.consumer_creation_timestamp;
  description.stream_arn = state.arn();
  co_return output;
}

Answer<ListStreamConsumers> handle(ListStreamConsumers, KinesisService& kinesis,
                                   const Caller& caller, ListStreamConsumersInput input) {
  const std::optional<std::string> arn = input.stream_arn;
  TARN_CO_TRY(const StreamView stream, kinesis.resolve(caller, std::nullopt, arn));
  const StreamState& state = stream->state();
  if (input.stream_creation_timestamp &&
      input.stream_creation_timestamp->seconds() != Timestamp{state.created_ms}.seconds()) {
    co_return stream_not_found(state.name, state.account);
  }
  const std::string scope = "consumers/" + state.id;
  std::string after;
  if (input.next_token) {
    TARN_CO_TRY(after, open_page(kinesis, *input.next_token, scope));
  }
  const auto limit = static_cast<std::size_t>(input.max_results.value_or(kDefaultConsumersListed));
  ListStreamConsumersOutput output;
  output.consumers.emplace();
  for (const ConsumerState& consumer : state.consumers) {
    if (!after.empty() && consumer.name <= after) continue;
    if (output.consumers->size() == limit) {
      const PageToken page{scope, output.consumers->back().consumer_name, kinesis.now().ms};
      output.next_token = kinesis.tokens().seal(page);
      break;
    }
    output.consumers->push_back(consumer_shape(state, consumer));
  }
  co_return output;
}

Answer<SubscribeToShard> handle(SubscribeToShard, KinesisService& kinesis, const Caller& caller,
                                SubscribeToShardInput input) {
  TARN_CO_CHECK(refuse_dry_run(input.dry_run));
  TARN_CO_TRY(const ConsumerView view, kinesis.resolve_consumer(input.consumer_arn));
  const StreamState& state = view.stream->state();
  if (!view.stream->serves())
    co_return stream_not_active(state.name, state.account, to_text(state.status));
  TARN_CO_TRY(const ShardState* const shard, find_shard(state, input.shard_id));
  const StartingPoint point = starting_point(input.starting_position);
  TARN_CO_CHECK(check_start(point, kinesis.now().ms));
  TARN_CO_TRY(const std::shared_ptr<ShardLog> log, view.stream->log(shard->number));
  Subscription::Start start;
  TARN_CO_TRY(start.position.counter, co_await find_start(kinesis.platform().tasks, point,
                                                          view.stream, *shard, "SubscribeToShard"));
  start.from_horizon = point.type == values::shard_iterator_type::kTrimHorizon;
  if (!start.from_horizon && start.position.counter < log->first()) {
    co_return invalid_argument(
        fmt::format("The records at the StartingPosition on shard {} in stream {} under account {} "
                    "are older than its retention and are gone. Subscribe at TRIM_HORIZON to "
                    "begin with the oldest.",
                    input.shard_id, state.name, state.account));
  }
  start.stream_id = state.id;
  start.consumer_name = view.consumer->name;
  start.consumer_arn = state.arn(*view.consumer);
  start.shard = shard->number;
  start.caller = caller;
  TARN_CO_TRY(const std::shared_ptr<Subscription> subscription,
              kinesis.fan_out().subscribe(std::move(start), log));
  Subscription::begin(subscription);
  SubscribeToShardOutput output;
  output.event_stream = subscription;
  co_return output;
}

}  // namespace tarn::kinesis
