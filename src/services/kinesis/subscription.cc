#include "services/kinesis/subscription.h"

#include <algorithm>

#include "platform/log.h"
#include "services/kinesis/faults.h"
#include "services/kinesis/records.h"
#include "services/kinesis/service.h"
#include "services/kinesis/stream_keys.h"

namespace tarn::kinesis {

namespace {
constexpr std::size_t kEventRecords = 10'000;
constexpr std::size_t kEventBytes = 1U << 20;        // of keys and data; one record always passes
constexpr std::chrono::milliseconds kPacePause{20};  // of a subscription that is at its limit
}  // namespace

Subscription::Subscription(KinesisService& kinesis, const FanOutOptions& options, Start start,
                           std::shared_ptr<ShardLog> log)
    : kinesis_(kinesis),
      options_(options),
      start_(std::move(start)),
      log_(std::move(log)),
      until_(kinesis.platform().clock.monotonic() + options.life),
      position_(start_.position),
      from_horizon_(start_.from_horizon) {
  log_->add_bell(bell_);
}

Subscription::~Subscription() {
  log_->remove_bell(bell_.get());
}

void Subscription::begin(const std::shared_ptr<Subscription>& self) {
  tarn::start(beat(self, self->kinesis_.platform().clock, self->options_.beat));
}

Task<void> Subscription::beat(std::weak_ptr<Subscription> held, platform::Clock& clock,
                              std::chrono::milliseconds pause) {
  for (;;) {
    co_await clock.sleep(pause);
    const std::shared_ptr<Subscription> self = held.lock();
    if (!self) co_return;
    self->beat_due_ = true;
    self->bell_->ring();
  }
}

void Subscription::end(std::optional<Error> why) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    why_ = std::move(why);
  }
  bell_->ring();
}

Result<bool> Subscription::is_over() const {
  {
    const std::lock_guard lock(mutex_);
    if (why_) return *why_;
    if (ended_) return true;
  }
  return at_end_ || kinesis_.platform().clock.monotonic() >= until_;
}

Result<StreamView> Subscription::find_stream() const {
  StreamView stream = kinesis_.catalog().find_id(start_.stream_id);
  if (!stream || !stream->serves())
    return Error("ResourceNotFoundException", "The stream was deleted.");
  const ConsumerState* const consumer = stream->state().find_consumer(start_.consumer_name);
  if (consumer == nullptr || stream->state().arn(*consumer) != start_.consumer_arn)
    return consumer_not_found(start_.consumer_arn);
  return stream;
}

Task<Result<std::optional<wire::Event>>> Subscription::next() {
  for (;;) {
    TARN_CO_TRY(const bool over, is_over());
    if (over) co_return std::optional<wire::Event>();
    if (kinesis_.limits().enforced() && !pace_.is_open(kinesis_.platform().clock.monotonic())) {
      co_await kinesis_.platform().clock.sleep(kPacePause);
      continue;
    }
    TARN_CO_TRY(const StreamView stream, find_stream());
    TARN_CO_TRY(std::optional<SubscribeToShardEvent> event, co_await look(stream));
    if (event) {
      co_return std::optional(
          SubscribeToShardEventStream::subscribe_to_shard_event(std::move(*event)));
    }
    co_await bell_->wait();
  }
}

Task<Result<std::optional<SubscribeToShardEvent>>> Subscription::look(StreamView stream) {
  const ShardState* const shard = stream->state().find(start_.shard);
  if (shard == nullptr)
    co_return shard_not_found(shard_id(start_.shard), stream->state().name,
                              stream->state().account);
  ReadRequest request;
  request.from = position_;
  if (std::exchange(from_horizon_, false))
    request.from.counter = std::max(request.from.counter, log_->first());
  request.max_records = kEventRecords;
  request.max_bytes = kEventBytes;
  const StreamKeys keys(kinesis_.keys(), start_.caller, stream->state(), shard->origin(),
                        kinesis_.platform().random);
  request.ciphers = &keys;
  const Result<ReadResult> read = co_await read_log(kinesis_.platform().tasks, log_, request);
  if (!read.ok()) co_return unreadable(read.error());
  if (kinesis_.limits().enforced()) pace_.add(read->bytes, kinesis_.platform().clock.monotonic());
  position_ = read->next;
  SubscribeToShardEvent event;
  event.records = to_records(*read, shard->origin());
  event.millis_behind_latest = millis_behind(*read, kinesis_.now().ms);
  at_end_ = event.records.empty() && shard->closed_at && position_.counter >= *shard->closed_at;
  if (at_end_) {
    // No continuation: consumers know the end of a shard by it.
    event.child_shards = children_of(stream->state(), shard->number);
  } else {
    event.continuation_sequence_number = continuation(shard->origin());
  }
  const bool tell = at_end_ || !event.records.empty() || beat_due_;
  if (!tell) co_return std::optional<SubscribeToShardEvent>();
  beat_due_ = false;
  co_return std::optional(std::move(event));
}

std::string Subscription::continuation(const ShardOrigin& origin) const {
  return format_sequence({origin, position_.counter - 1});
}

Error Subscription::unreadable(const Error& error) const {
  if (error.is(log_code::kTrimmed)) {
    return {"InternalFailureException",
            fmt::format("The consumer is slower than the stream's retention: the records of {} "
                        "after {} are gone. Subscribe at TRIM_HORIZON to go on with the oldest.",
                        shard_id(start_.shard), continuation(log_->origin()))};
  }
  if (error.code.starts_with("KMS")) return error;
  spdlog::error("kinesis: the subscription of {} to {} ends: {}", start_.consumer_arn,
                shard_id(start_.shard), error.message);
  return {"InternalFailureException", error.message};
}

}  // namespace tarn::kinesis
