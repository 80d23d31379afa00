// FanOut: who is subscribed to which shard.
//
// Place: kinesis. Threads: safe from any thread.
//
// A consumer has one subscription to a shard: a second call within 5 s is refused, a later one
// takes over (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/result.h"
#include "services/kinesis/subscription.h"

namespace tarn::kinesis {

class FanOut {
 public:
  FanOut(KinesisService& kinesis, FanOutOptions options) : kinesis_(kinesis), options_(options) {}

  // Errors: ResourceInUseException (called too soon again), ServiceUnavailable (stopping).
  [[nodiscard]] Result<std::shared_ptr<Subscription>> subscribe(Subscription::Start start,
                                                                std::shared_ptr<ShardLog> log);

  // Lets the subscriptions of a stream look at it again.
  void stream_changed(const std::string& stream_id);
  // Ends all subscriptions and takes no more.
  void stop();

 private:
  // Consumer's ARN and shard.
  using Key = std::pair<std::string, std::uint32_t>;
  struct Seat {
    std::weak_ptr<Subscription> holder;
    std::string stream_id;
    std::chrono::nanoseconds since{0};
  };

  // With mutex_ held: forgets seats that nobody holds and that refuse nobody any more.
  void sweep(std::chrono::nanoseconds now);

  KinesisService& kinesis_;
  const FanOutOptions options_;
  std::mutex mutex_;
  std::map<Key, Seat> seats_;
  bool stopping_ = false;
};

}  // namespace tarn::kinesis
