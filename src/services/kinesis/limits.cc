#include "services/kinesis/limits.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/kinesis/stream.h"

namespace tarn::kinesis {

namespace {
using std::chrono::nanoseconds;
constexpr nanoseconds kSecond = std::chrono::seconds(1);
}  // namespace

void RateWindow::forget(nanoseconds now) {
  while (!entries_.empty() && entries_.front().until <= now) {
    used_ -= entries_.front().amount;
    entries_.pop_front();
  }
}

bool RateWindow::try_take(std::uint64_t amount, nanoseconds now) {
  forget(now);
  if (used_ > 0 && used_ + amount > limit_) return false;
  add(amount, now);
  return true;
}

bool RateWindow::is_open(nanoseconds now) {
  forget(now);
  return used_ < limit_;
}

void RateWindow::add(std::uint64_t amount, nanoseconds now) {
  if (amount == 0) return;
  const nanoseconds lasts = amount <= limit_
                                ? kSecond
                                : nanoseconds(static_cast<std::int64_t>(
                                      static_cast<double>(kSecond.count()) *
                                      static_cast<double>(amount) / static_cast<double>(limit_)));
  used_ += amount;
  // An amount that counts for longer holds those behind it: the limit stays a limit.
  nanoseconds until = now + lasts;
  if (!entries_.empty()) until = std::max(until, entries_.back().until);
  if (!entries_.empty() && entries_.back().until == until) {
    entries_.back().amount += amount;
  } else {
    entries_.push_back({until, amount});
  }
}

bool ShardLimits::take_put(const Key& shard, std::uint64_t bytes) {
  if (!enforced_) return true;
  const nanoseconds now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  Meter& meter = meters_[shard];
  note(meter, bytes, now);
  // Both or neither: a record that is refused takes nothing.
  if (!meter.records.is_open(now)) return false;
  if (!meter.bytes.try_take(bytes, now)) return false;
  meter.records.add(1, now);
  return true;
}

bool ShardLimits::begin_read(const Key& shard) {
  if (!enforced_) return true;
  const nanoseconds now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  Meter& meter = meters_[shard];
  return meter.read_bytes.is_open(now) && meter.reads.try_take(1, now);
}

void ShardLimits::end_read(const Key& shard, std::uint64_t bytes) {
  if (!enforced_) return;
  const std::lock_guard lock(mutex_);
  meters_[shard].read_bytes.add(bytes, clock_.monotonic());
}

bool ShardLimits::take_iterator(const Key& shard) {
  if (!enforced_) return true;
  const std::lock_guard lock(mutex_);
  return meters_[shard].iterators.try_take(1, clock_.monotonic());
}

void ShardLimits::note(Meter& meter, std::uint64_t bytes, nanoseconds now) {
  const std::int64_t second = now / kSecond;
  if (second != meter.second) {
    meter.second = second;
    meter.now = {};
  }
  ++meter.now.records;
  meter.now.bytes += bytes;
  meter.peak.records = std::max(meter.peak.records, meter.now.records);
  meter.peak.bytes = std::max(meter.peak.bytes, meter.now.bytes);
}

Demand ShardLimits::take_demand(const Key& shard) {
  const std::lock_guard lock(mutex_);
  const auto found = meters_.find(shard);
  return found == meters_.end() ? Demand() : std::exchange(found->second.peak, {});
}

void ShardLimits::forget(const std::string& stream_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(meters_, [&](const auto& entry) { return entry.first.first == stream_id; });
}

Error throughput_exceeded(std::uint32_t shard, std::string_view stream, std::string_view account) {
  return {kThroughputExceeded,
          fmt::format("Rate exceeded for shard {} in stream {} under account {}.", shard_id(shard),
                      stream, account)};
}

}  // namespace tarn::kinesis
