// Trail: the last events, in the store: a ring that forgets the oldest.
//
// Place: services/cloudtrail. Formats: docs/formats/cloudtrail.md. Threads: record() from any
// thread, never waiting; what waits for the disk is called on the blocking pool, one call at a time
// of flush().
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/audit_log.h"
#include "platform/platform.h"
#include "store/store.h"
#include "wire/json_value.h"

namespace tarn::cloudtrail {

struct TrailQuery {
  std::string account;
  std::string region;
  std::string attribute;  // of LookupAttributes; empty: all events
  std::string value;
  Timestamp from;
  Timestamp to;
  std::uint64_t before = UINT64_MAX;  // events with a smaller number
  std::size_t limit = 50;
};

struct TrailPage {
  std::vector<nlohmann::json> events;  // the latest first
  std::optional<std::uint64_t> next;   // `before` of the next page, where there may be one
};

class Trail {
 public:
  // What is kept: events of the last 90 days, as on AWS, and not more than 100,000 of them.
  static constexpr std::uint64_t kMostEvents = 100'000;
  static constexpr std::int64_t kDays = 90;
  // What waits for its way to the store; what comes besides is dropped and counted.
  static constexpr std::size_t kMostWaiting = 10'000;

  Trail(platform::Platform platform, store::Store& store, std::uint64_t most_events = kMostEvents)
      : platform_(platform), store_(store), most_events_(most_events) {}

  // Errors of all: those of the store, kCorrupt.
  Status load();
  void record(gateway::AuditedCall call);
  [[nodiscard]] bool has_waiting() const;
  // Writes what waits, and forgets what is too much or too old.
  Status flush();
  // A page may be empty though there are more: one call looks at a bounded number of events.
  [[nodiscard]] Result<TrailPage> look_up(const TrailQuery& query) const;

 private:
  struct Waiting {
    gateway::AuditedCall call;
    Timestamp at;
  };

  std::deque<Waiting> take_waiting();
  // Adds to `batch` the removal of what is over.
  Status trim(Timestamp now, store::Batch& batch);

  platform::Platform platform_;
  store::Store& store_;
  const std::uint64_t most_events_;
  mutable std::mutex mutex_;  // of what waits
  std::deque<Waiting> waiting_;
  std::uint64_t dropped_ = 0;
  std::mutex flushing_;
  std::uint64_t first_ = 1;  // the number of the oldest event, and of the next one
  std::uint64_t next_ = 1;
};

}  // namespace tarn::cloudtrail
