#include "services/kinesis/fan_out.h"

#include <vector>

#include <fmt/format.h>

#include "services/kinesis/service.h"

namespace tarn::kinesis {

Result<std::shared_ptr<Subscription>> FanOut::subscribe(Subscription::Start start,
                                                        std::shared_ptr<ShardLog> log) {
  const std::chrono::nanoseconds now = kinesis_.platform().clock.monotonic();
  const Key key(start.consumer_arn, start.shard);
  std::shared_ptr<Subscription> replaced;
  std::shared_ptr<Subscription> made;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Error("ServiceUnavailable", "The server is stopping.", 503);
    sweep(now);
    if (const auto found = seats_.find(key); found != seats_.end()) {
      if (now - found->second.since < options_.repeat) {
        return Error(
            "ResourceInUseException",
            fmt::format("Another active subscription exists for this consumer: {} and "
                        "{}. It can be taken over {} s after it began.",
                        start.consumer_arn, shard_id(start.shard), options_.repeat.count() / 1000));
      }
      replaced = found->second.holder.lock();
    }
    const std::string stream_id = start.stream_id;
    made = std::make_shared<Subscription>(kinesis_, options_, std::move(start), std::move(log));
    seats_[key] = Seat{made, stream_id, now};
  }
  if (replaced) {
    replaced->end(Error("ResourceInUseException",
                        "Another subscription of this consumer took over the shard."));
  }
  return made;
}

void FanOut::sweep(std::chrono::nanoseconds now) {
  std::erase_if(seats_, [&](const auto& entry) {
    return entry.second.holder.expired() && now - entry.second.since >= options_.repeat;
  });
}

void FanOut::stream_changed(const std::string& stream_id) {
  std::vector<std::shared_ptr<Subscription>> concerned;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, seat] : seats_) {
      if (seat.stream_id != stream_id) continue;
      if (auto holder = seat.holder.lock()) concerned.push_back(std::move(holder));
    }
  }
  for (const auto& subscription : concerned) subscription->bell().ring();
}

void FanOut::stop() {
  std::vector<std::shared_ptr<Subscription>> all;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [key, seat] : seats_) {
      if (auto holder = seat.holder.lock()) all.push_back(std::move(holder));
    }
  }
  for (const auto& subscription : all) subscription->end(std::nullopt);
}

}  // namespace tarn::kinesis
