#include "services/logs/record.h"

#include <charconv>

#include <fmt/format.h>

#include "base/ids.h"
#include "wire/stored_json.h"

namespace tarn::logs {
namespace {

using nlohmann::json;

// First byte of every value: the version of docs/formats/logs.md.
constexpr char kRecordVersion = '1';
constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
// Digits of an event's id: its time, its stream, its number.
constexpr std::size_t kTimeDigits = 17;
constexpr std::size_t kStreamDigits = 19;
constexpr std::size_t kDigits = 56;

// Big-endian, so that keys are in the order of their numbers.
void append_word(std::uint64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
}

std::uint64_t read_word(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, kWord)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

template <class Integer>
bool read_digits(std::string_view text, Integer& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc() && end == text.data() + text.size();
}

void put_time(json& into, const char* name, const std::optional<Timestamp>& time) {
  if (time) into[name] = time->ms;
}

std::optional<Timestamp> take_time(const json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end() || !found->is_number_integer()) return std::nullopt;
  return Timestamp{found->get<std::int64_t>()};
}

}  // namespace

std::string GroupRecord::arn() const {
  return make_arn("logs", region, account, "log-group:" + name);
}

Timestamp GroupRecord::oldest_kept(Timestamp now) const {
  if (retention_days == 0) return {0};
  return {now.ms - retention_days * kDayMs};
}

std::string Position::to_digits() const {
  return fmt::format("{:017d}{:019d}{:020d}", at.ms, stream, number);
}

std::optional<Position> Position::from_digits(std::string_view digits) {
  if (digits.size() != kDigits) return std::nullopt;
  Position out;
  const bool read = read_digits(digits.substr(0, kTimeDigits), out.at.ms) &&
                    read_digits(digits.substr(kTimeDigits, kStreamDigits), out.stream) &&
                    read_digits(digits.substr(kTimeDigits + kStreamDigits), out.number);
  if (!read || out.at.ms < 0) return std::nullopt;
  return out;
}

std::string group_key(const GroupRecord& group) {
  std::string out(kGroupPrefix);
  out.append(group.account).push_back('\0');
  out.append(group.region).push_back('\0');
  return out.append(group.name);
}

std::string stream_prefix(std::uint64_t group_id) {
  std::string out = "s";
  append_word(group_id, out);
  return out;
}

std::string stream_key(std::uint64_t group_id, std::string_view name) {
  return stream_prefix(group_id).append(name);
}

std::string event_prefix(std::uint64_t group_id) {
  std::string out = "e";
  append_word(group_id, out);
  return out;
}

std::string event_prefix(std::uint64_t group_id, std::uint64_t stream_id) {
  std::string out = event_prefix(group_id);
  append_word(stream_id, out);
  return out;
}

std::string event_key(std::uint64_t group_id, const Position& place) {
  std::string out = event_prefix(group_id, place.stream);
  append_word(static_cast<std::uint64_t>(place.at.ms), out);
  append_word(place.number, out);
  return out;
}

std::string encode(const GroupRecord& group) {
  const json value = {{"id", group.id},
                      {"account", group.account},
                      {"region", group.region},
                      {"name", group.name},
                      {"created", group.created.ms},
                      {"retention_days", group.retention_days},
                      {"deletion_protection", group.deletion_protection},
                      {"tags", group.tags}};
  return wire::to_record(kRecordVersion, value);
}

Result<GroupRecord> decode_group(std::string_view record) {
  TARN_TRY(const json value, wire::from_record(kRecordVersion, record, "a log group"));
  GroupRecord out;
  out.id = value.value("id", std::uint64_t{0});
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.name = value.value("name", "");
  out.created.ms = value.value("created", std::int64_t{0});
  out.retention_days = value.value("retention_days", 0);
  out.deletion_protection = value.value("deletion_protection", false);
  out.tags = value.value("tags", std::map<std::string, std::string>());
  if (out.id == 0 || out.name.empty()) return wire::damaged_record("a log group");
  return out;
}

std::string encode(const StreamRecord& stream) {
  json value = {{"id", stream.id},
                {"name", stream.name},
                {"created", stream.created.ms},
                {"next_event", stream.next_event},
                {"bytes", stream.bytes}};
  put_time(value, "first_event", stream.first_event);
  put_time(value, "last_event", stream.last_event);
  put_time(value, "last_ingestion", stream.last_ingestion);
  return wire::to_record(kRecordVersion, value);
}

Result<StreamRecord> decode_stream(std::string_view record) {
  TARN_TRY(const json value, wire::from_record(kRecordVersion, record, "a log stream"));
  StreamRecord out;
  out.id = value.value("id", std::uint64_t{0});
  out.name = value.value("name", "");
  out.created.ms = value.value("created", std::int64_t{0});
  out.next_event = value.value("next_event", std::uint64_t{1});
  out.bytes = value.value("bytes", std::int64_t{0});
  out.first_event = take_time(value, "first_event");
  out.last_event = take_time(value, "last_event");
  out.last_ingestion = take_time(value, "last_ingestion");
  if (out.id == 0) return wire::damaged_record("a log stream");
  return out;
}

std::string encode_id(std::uint64_t id) {
  return kRecordVersion + std::to_string(id);
}

Result<std::uint64_t> decode_id(std::string_view record) {
  std::uint64_t out = 0;
  if (record.empty() || record.front() != kRecordVersion || !read_digits(record.substr(1), out))
    return wire::damaged_record("a log group's number");
  return out;
}

std::string encode(const Event& event) {
  std::string out(1, kRecordVersion);
  append_word(static_cast<std::uint64_t>(event.ingested.ms), out);
  return out.append(event.message);
}

Position place_of(std::string_view key) {
  Position out;
  out.stream = read_word(key.substr(1 + kWord));
  out.at.ms = static_cast<std::int64_t>(read_word(key.substr(1 + 2 * kWord)));
  out.number = read_word(key.substr(1 + 3 * kWord));
  return out;
}

Result<Event> decode_event(std::string_view key, std::string_view record) {
  if (key.size() != 1 + 4 * kWord || record.size() < 1 + kWord || record.front() != kRecordVersion)
    return wire::damaged_record("a log event");
  Event out;
  out.place = place_of(key);
  out.ingested.ms = static_cast<std::int64_t>(read_word(record.substr(1)));
  out.message = record.substr(1 + kWord);
  return out;
}

}  // namespace tarn::logs
