#include "services/cloudtrail/trail.h"

#include <algorithm>
#include <utility>

#include "platform/log.h"
#include "services/cloudtrail/event.h"

namespace tarn::cloudtrail {
namespace {

using nlohmann::json;
using store::Space;

constexpr char kRecordVersion = '1';
constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kHeader = 1 + kWord;
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
// The ring may grow by so many before it is trimmed, so that not every write removes something.
constexpr std::uint64_t kSlack = 1000;
// What one call looks at.
constexpr std::size_t kMostLookedAt = 20'000;

void append_word(std::uint64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
}

std::uint64_t read_word(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, kWord)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string key_of(std::uint64_t number) {
  std::string out;
  append_word(number, out);
  return out;
}

std::string encode(const json& event, Timestamp at) {
  std::string out(1, kRecordVersion);
  append_word(static_cast<std::uint64_t>(at.ms), out);
  return out += event.dump(-1, ' ', false, json::error_handler_t::replace);
}

Error damaged() {
  return {code::kCorrupt, "the stored record of an audited call is damaged"};
}

Result<Timestamp> time_of(std::string_view record) {
  if (record.size() < kHeader || record.front() != kRecordVersion) return damaged();
  return Timestamp{static_cast<std::int64_t>(read_word(record.substr(1)))};
}

bool is_wanted(const json& event, const TrailQuery& query) {
  return event.value("recipientAccountId", "") == query.account &&
         event.value("awsRegion", "") == query.region &&
         (query.attribute.empty() || has_attribute(event, query.attribute, query.value));
}

}  // namespace

Status Trail::load() {
  const std::lock_guard lock(flushing_);
  const auto cursor = store_.cursor(Space::kCloudTrail);
  cursor->seek("");
  if (cursor->valid()) {
    first_ = read_word(cursor->key());
    cursor->seek_for_prev(std::string(kWord, '\xff'));
    next_ = read_word(cursor->key()) + 1;
  }
  return cursor->status();
}

void Trail::record(gateway::AuditedCall call) {
  const Timestamp now = platform_.clock.now();
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostWaiting) {
    ++dropped_;
    return;
  }
  waiting_.push_back({std::move(call), now});
}

bool Trail::has_waiting() const {
  const std::lock_guard lock(mutex_);
  return !waiting_.empty();
}

std::deque<Trail::Waiting> Trail::take_waiting() {
  const std::lock_guard lock(mutex_);
  if (dropped_ > 0) {
    spdlog::warn("cloudtrail: {} calls came faster than they could be kept, and are not",
                 std::exchange(dropped_, 0));
  }
  return std::exchange(waiting_, {});
}

Status Trail::flush() {
  const std::lock_guard lock(flushing_);
  store::Batch batch;
  std::uint64_t next = next_;
  const std::deque<Waiting> taken = take_waiting();
  for (const Waiting& each : taken) {
    const json event = event_of(each.call, each.at, platform_.random.uuid());
    batch.put(Space::kCloudTrail, key_of(next++), encode(event, each.at));
  }
  next_ = next;
  TARN_CHECK(trim(platform_.clock.now(), batch));
  return batch.empty() ? Status() : store_.commit(batch);
}

Status Trail::trim(Timestamp now, store::Batch& batch) {
  std::uint64_t keep = first_;
  if (next_ - first_ > most_events_ + std::min(kSlack, most_events_)) keep = next_ - most_events_;
  const auto cursor = store_.cursor(Space::kCloudTrail);
  std::size_t looked_at = 0;
  for (cursor->seek(key_of(keep)); cursor->valid() && looked_at < kMostLookedAt; cursor->next()) {
    TARN_TRY(const Timestamp at, time_of(cursor->value()));
    if (at.ms >= now.ms - kDays * kDayMs) break;
    keep = read_word(cursor->key()) + 1;
    ++looked_at;
  }
  TARN_CHECK(cursor->status());
  if (keep == first_) return {};
  batch.remove_range(Space::kCloudTrail, key_of(first_), key_of(keep));
  first_ = keep;
  return {};
}

Result<TrailPage> Trail::look_up(const TrailQuery& query) const {
  TrailPage page;
  if (query.before == 0) return page;
  const auto cursor = store_.cursor(Space::kCloudTrail);
  std::size_t looked_at = 0;
  for (cursor->seek_for_prev(key_of(query.before - 1)); cursor->valid(); cursor->prev()) {
    TARN_TRY(const Timestamp at, time_of(cursor->value()));
    if (at < query.from) break;
    if (at > query.to) continue;
    if (page.events.size() == query.limit || ++looked_at > kMostLookedAt) {
      page.next = read_word(cursor->key()) + 1;
      break;
    }
    json event = wire::parse_json(cursor->value().substr(kHeader));
    if (!event.is_object()) return damaged();
    if (is_wanted(event, query)) page.events.push_back(std::move(event));
  }
  TARN_CHECK(cursor->status());
  return page;
}

}  // namespace tarn::cloudtrail
