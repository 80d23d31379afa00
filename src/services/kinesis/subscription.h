// Subscription: one consumer's push of one shard, from SubscribeToShard to its end.
//
// Place: kinesis; made by FanOut, read by the gateway as the body of the answer. Threads: next()
// and cancel() belong to the I/O thread of the connection; end() and bell() may be used from any.
//
// It waits for the bell of its shard and reads what was committed: nothing is polled, and a
// consumer that takes events slowly is given more records at once, not more memory.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "gateway/service.h"
#include "platform/bell.h"
#include "platform/clock.h"
#include "services/kinesis/api.h"
#include "services/kinesis/limits.h"
#include "services/kinesis/shard_log.h"
#include "services/kinesis/stream.h"
#include "wire/event_stream.h"

namespace tarn::kinesis {

class KinesisService;

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
struct FanOutOptions {
  std::chrono::milliseconds life{300'000};  // of a subscription
  std::chrono::milliseconds repeat{5'000};  // so long one shard has one call of a consumer
  // An event without records tells a quiet consumer how far it is, and tarn that it is there.
  std::chrono::milliseconds beat{5'000};
};

class Subscription final : public wire::EventSource {
 public:
  struct Start {
    std::string stream_id;
    std::string consumer_name;
    std::string consumer_arn;
    std::uint32_t shard = 0;
    ReadPosition position;
    bool from_horizon = false;  // at whatever is oldest when it is read first
    Caller caller;              // who may open sealed records
  };

  // `kinesis` must outlive it.
  Subscription(KinesisService& kinesis, const FanOutOptions& options, Start start,
               std::shared_ptr<ShardLog> log);
  ~Subscription() override;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // Begins the beats of `self`; on the thread that will read it.
  static void begin(const std::shared_ptr<Subscription>& self);

  // Errors, each an exception of the event stream: ResourceNotFoundException (stream, shard or
  // consumer went), ResourceInUseException (replaced), KMS…Exception (a sealed record cannot be
  // opened), InternalFailureException (the log cannot be read, or the reader was slower than
  // retention).
  [[nodiscard]] Task<Result<std::optional<wire::Event>>> next() override;
  void cancel() override { end(std::nullopt); }

  // Ends it: with `why` as its exception, or without one.
  void end(std::optional<Error> why);
  [[nodiscard]] platform::Bell& bell() { return *bell_; }
  [[nodiscard]] const Start& start() const { return start_; }

 private:
  static Task<void> beat(std::weak_ptr<Subscription> held, platform::Clock& clock,
                         std::chrono::milliseconds pause);
  // Whether it has ended; the exception it ends with.
  [[nodiscard]] Result<bool> is_over() const;
  // The stream as it is now. Error: ResourceNotFoundException.
  [[nodiscard]] Result<StreamView> find_stream() const;
  // What there is to tell; nullopt: nothing now.
  [[nodiscard]] Task<Result<std::optional<SubscribeToShardEvent>>> look(StreamView stream);
  [[nodiscard]] std::string continuation(const ShardOrigin& origin) const;
  [[nodiscard]] Error unreadable(const Error& error) const;

  KinesisService& kinesis_;
  const FanOutOptions& options_;
  const Start start_;
  const std::shared_ptr<ShardLog> log_;
  const std::shared_ptr<platform::Bell> bell_ = std::make_shared<platform::Bell>();
  const std::chrono::nanoseconds until_;

  RateWindow pace_{kSubscriptionBytes};
  ReadPosition position_;
  bool from_horizon_;
  bool beat_due_ = true;  // the first event comes at once
  bool at_end_ = false;   // the shard's last event was given

  mutable std::mutex mutex_;
  bool ended_ = false;
  std::optional<Error> why_;
};

}  // namespace tarn::kinesis
