// Limits: what one shard takes and gives in a second, as AWS has it; enforced by `--limits aws`.
//
// Place: kinesis. Threads: safe from any thread; a RateWindow alone is for one at a time.
//
// Source: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
// Exact: in no second is more taken than the limit, wherever that second begins.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/result.h"
#include "platform/clock.h"

namespace tarn::kinesis {

inline constexpr std::uint64_t kShardWriteRecords = 1000;      // a second
inline constexpr std::uint64_t kShardWriteBytes = 1U << 20;    // a second, data and keys
inline constexpr std::uint64_t kShardReadBytes = 2U << 20;     // a second, of all GetRecords
inline constexpr std::uint64_t kShardReads = 5;                // GetRecords a second
inline constexpr std::uint64_t kShardIterators = 5;            // GetShardIterator a second
inline constexpr std::uint64_t kSubscriptionBytes = 2U << 20;  // a second, of one subscription

// How much passed within the last second.
class RateWindow {
 public:
  explicit RateWindow(std::uint64_t limit) : limit_(limit) {}

  // Takes `amount` where it fits. One that is larger than the limit passes when nothing else did,
  // and counts for as many seconds as it would have taken.
  [[nodiscard]] bool try_take(std::uint64_t amount, std::chrono::nanoseconds now);
  // Whether the limit is not reached yet: then one more is allowed, however large it turns out.
  [[nodiscard]] bool is_open(std::chrono::nanoseconds now);
  // Counts what was allowed by is_open(), for as many seconds as it takes.
  void add(std::uint64_t amount, std::chrono::nanoseconds now);

 private:
  struct Entry {
    std::chrono::nanoseconds until;
    std::uint64_t amount;
  };
  void forget(std::chrono::nanoseconds now);

  const std::uint64_t limit_;
  std::uint64_t used_ = 0;
  std::deque<Entry> entries_;
};

// What was wanted of a shard, whether it was granted or not: the busiest second.
struct Demand {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

class ShardLimits {
 public:
  ShardLimits(const platform::Clock& clock, bool enforced) : clock_(clock), enforced_(enforced) {}

  [[nodiscard]] bool enforced() const { return enforced_; }

  // Of a shard of a stream. Where limits are not enforced, everything is allowed at no cost.
  using Key = std::pair<std::string, std::uint32_t>;
  // Whether one record of `bytes` may be put.
  [[nodiscard]] bool take_put(const Key& shard, std::uint64_t bytes);
  // Whether a GetRecords may begin; what it read is told to end_read().
  [[nodiscard]] bool begin_read(const Key& shard);
  void end_read(const Key& shard, std::uint64_t bytes);
  // Whether a shard iterator may be made.
  [[nodiscard]] bool take_iterator(const Key& shard);

  // The busiest second since the last call.
  [[nodiscard]] Demand take_demand(const Key& shard);
  // Of a stream that is gone.
  void forget(const std::string& stream_id);

 private:
  struct Meter {
    RateWindow records{kShardWriteRecords};
    RateWindow bytes{kShardWriteBytes};
    RateWindow reads{kShardReads};
    RateWindow read_bytes{kShardReadBytes};
    RateWindow iterators{kShardIterators};
    std::int64_t second = 0;  // that `now` counts
    Demand now;
    Demand peak;
  };
  static void note(Meter& meter, std::uint64_t bytes, std::chrono::nanoseconds now);

  const platform::Clock& clock_;
  const bool enforced_;
  std::mutex mutex_;
  std::map<Key, Meter> meters_;
};

inline constexpr std::string_view kThroughputExceeded = "ProvisionedThroughputExceededException";
[[nodiscard]] Error throughput_exceeded(std::uint32_t shard, std::string_view stream,
                                        std::string_view account);

}  // namespace tarn::kinesis
