// Records: keys and values of the logs room in the store; described in docs/formats/logs.md.
//
// Place: services/logs. Threads: values and pure functions. Decoding fails with kCorrupt and the
// record's name.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/clock.h"

namespace tarn::logs {

// What an event counts beside the bytes of its message
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html).
inline constexpr std::int64_t kEventOverhead = 26;

struct GroupRecord {
  std::uint64_t id = 0;  // in the keys of its streams and events; never used twice
  std::string account;
  std::string region;
  std::string name;
  Timestamp created;
  std::int32_t retention_days = 0;  // 0: for ever
  bool deletion_protection = false;
  std::map<std::string, std::string> tags;

  [[nodiscard]] std::string arn() const;  // without ":*"
  // Events before it are over; the beginning of time where they never are.
  [[nodiscard]] Timestamp oldest_kept(Timestamp now) const;
};

struct StreamRecord {
  std::uint64_t id = 0;  // in the keys of its events; never used twice
  std::string name;
  Timestamp created;
  std::optional<Timestamp> first_event;
  std::optional<Timestamp> last_event;
  std::optional<Timestamp> last_ingestion;
  std::uint64_t next_event = 1;  // the number of the next one
  std::int64_t bytes = 0;        // with kEventOverhead for each event
};

// Where an event stands among those of its group: by time, then by stream, then as they came.
struct Position {
  Timestamp at;
  std::uint64_t stream = 0;
  std::uint64_t number = 0;

  auto operator<=>(const Position&) const = default;
  // 56 digits, as AWS's event ids have.
  [[nodiscard]] std::string to_digits() const;
  [[nodiscard]] static std::optional<Position> from_digits(std::string_view digits);
};

struct Event {
  Position place;
  Timestamp ingested;
  std::string message;

  [[nodiscard]] std::int64_t size() const {
    return static_cast<std::int64_t>(message.size()) + kEventOverhead;
  }
};

inline constexpr std::string_view kGroupPrefix = "g";
inline constexpr std::string_view kNextIdKey = "n";

[[nodiscard]] std::string group_key(const GroupRecord& group);
// Of all streams of a group, and of one.
[[nodiscard]] std::string stream_prefix(std::uint64_t group_id);
[[nodiscard]] std::string stream_key(std::uint64_t group_id, std::string_view name);
// Of all events of a group, of a stream, and of one event.
[[nodiscard]] std::string event_prefix(std::uint64_t group_id);
[[nodiscard]] std::string event_prefix(std::uint64_t group_id, std::uint64_t stream_id);
[[nodiscard]] std::string event_key(std::uint64_t group_id, const Position& place);

[[nodiscard]] std::string encode(const GroupRecord& group);
[[nodiscard]] Result<GroupRecord> decode_group(std::string_view record);
[[nodiscard]] std::string encode(const StreamRecord& stream);
[[nodiscard]] Result<StreamRecord> decode_stream(std::string_view record);
[[nodiscard]] std::string encode_id(std::uint64_t id);
[[nodiscard]] Result<std::uint64_t> decode_id(std::string_view record);
[[nodiscard]] std::string encode(const Event& event);
// Place of an event by its key, and the whole of it.
[[nodiscard]] Position place_of(std::string_view key);
[[nodiscard]] Result<Event> decode_event(std::string_view key, std::string_view record);

}  // namespace tarn::logs
