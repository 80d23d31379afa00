// Events: what log streams hold, in the store: appended, read by stream, expired.
//
// Place: services/logs; event_search.h reads many streams at once. Threads: any thread of the
// blocking pool; each call waits for the disk. Errors of all: those of the store, kCorrupt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/logs/groups.h"
#include "services/logs/record.h"
#include "store/store.h"

namespace tarn::logs {

// Of one call
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html,
// …/API_GetLogEvents.html); bytes with kEventOverhead for each event.
inline constexpr std::size_t kMostEvents = 10'000;
inline constexpr std::int64_t kMostBytes = 1'048'576;

// A line that is to become an event.
struct NewEvent {
  Timestamp at;
  std::string message;
};

// Which of a batch, in the order of time, are refused while the others are taken: [0, too_old) are
// older than 14 days, [too_old, expired) older than the group keeps, [too_new, end) more than two
// hours in the future.
struct Refused {
  std::size_t too_old = 0;
  std::size_t expired = 0;
  std::size_t too_new = 0;
};

// Errors: InvalidParameterException (too many bytes, not in the order of time, those to be taken
// span more than 24 hours).
[[nodiscard]] Result<Refused> judge(const std::vector<NewEvent>& batch, const GroupRecord& group,
                                    Timestamp now);

// Events of a stream with from <= time < to.
struct EventRange {
  Timestamp from;
  std::optional<Timestamp> to;  // absent: no end
};

struct ReadPlace {
  bool forward = false;
  // Forward from after it, or backward from before it; absent: from the range's end.
  std::optional<Position> beyond;
};

class Events {
 public:
  explicit Events(store::Store& store) : store_(store) {}

  // Durable when it ends. Errors: those of judge; ResourceNotFoundException.
  [[nodiscard]] Result<Refused> append(Group& group, std::string_view stream,
                                       std::vector<NewEvent> batch, Timestamp now);

  // The nearest ones, in the order of time: at most `limit` and about kMostBytes.
  [[nodiscard]] Result<std::vector<Event>> read(const Group& group, const StreamRecord& stream,
                                                const EventRange& range, const ReadPlace& place,
                                                std::size_t limit) const;

  // Removes what the group does not keep any longer.
  Status expire(Group& group, Timestamp now);

 private:
  Status expire(Group& group, const std::string& stream_name, Timestamp oldest);

  store::Store& store_;
};

}  // namespace tarn::logs
