#include "services/logs/events.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "services/logs/streams.h"

namespace tarn::logs {
namespace {

using store::Space;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
constexpr std::int64_t kHourMs = 3600LL * 1000;
constexpr std::int64_t kOldestMs = 14 * 24 * kHourMs;
constexpr std::int64_t kNewestMs = 2 * kHourMs;
constexpr std::int64_t kSpanMs = 24 * kHourMs;

Status check_batch(const std::vector<NewEvent>& batch) {
  std::int64_t bytes = 0;
  for (const NewEvent& event : batch)
    bytes += static_cast<std::int64_t>(event.message.size()) + kEventOverhead;
  if (bytes > kMostBytes) {
    return Error("InvalidParameterException",
                 fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, kMostBytes));
  }
  const auto is_earlier = [](const NewEvent& one, const NewEvent& other) {
    return one.at < other.at;
  };
  if (!std::is_sorted(batch.begin(), batch.end(), is_earlier)) {
    return Error("InvalidParameterException",
                 "Log events in a single PutLogEvents request must be in chronological order.");
  }
  return {};
}

// Adds the events to the stream's record and to `batch`.
void add_events(const Group& group, StreamRecord& stream, const std::vector<NewEvent>& events,
                Timestamp now, store::Batch& batch) {
  for (const NewEvent& each : events) {
    Event event{{each.at, stream.id, stream.next_event++}, now, each.message};
    batch.put(Space::kLogs, event_key(group.id(), event.place), encode(event));
    stream.bytes += event.size();
    stream.first_event = std::min(stream.first_event.value_or(each.at), each.at);
    stream.last_event = std::max(stream.last_event.value_or(each.at), each.at);
  }
  stream.last_ingestion = now;
}

std::string range_key(const Group& group, const StreamRecord& stream, Timestamp at) {
  return event_key(group.id(), Position{std::max(at, Timestamp{0}), stream.id, 0});
}

}  // namespace

Result<Refused> judge(const std::vector<NewEvent>& batch, const GroupRecord& group, Timestamp now) {
  TARN_CHECK(check_batch(batch));
  const auto first_at = [&](Timestamp at) {
    const auto found =
        std::lower_bound(batch.begin(), batch.end(), at,
                         [](const NewEvent& event, Timestamp bound) { return event.at < bound; });
    return static_cast<std::size_t>(found - batch.begin());
  };
  Refused out;
  out.too_old = first_at({now.ms - kOldestMs});
  out.expired = std::max(out.too_old, first_at(group.oldest_kept(now)));
  out.too_new = first_at({now.ms + kNewestMs + 1});
  if (out.expired < out.too_new &&
      batch[out.too_new - 1].at.ms - batch[out.expired].at.ms > kSpanMs) {
    return Error("InvalidParameterException",
                 "The batch of log events in a single PutLogEvents request cannot span more than "
                 "24 hours.");
  }
  return out;
}

Result<Refused> Events::append(Group& group, std::string_view stream_name,
                               std::vector<NewEvent> batch, Timestamp now) {
  const std::shared_lock gate(group.gate());
  if (group.is_gone) return no_such_group();
  const std::string key = stream_key(group.id(), stream_name);
  const auto lock = store_.lock(Space::kLogs, key);
  TARN_TRY(const auto text, store_.get(Space::kLogs, key));
  if (!text) return no_such_stream();
  TARN_TRY(StreamRecord stream, decode_stream(*text));
  TARN_TRY(const Refused refused, judge(batch, *group.record(), now));
  if (refused.expired >= refused.too_new) return refused;
  batch.resize(refused.too_new);
  batch.erase(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(refused.expired));
  const std::int64_t bytes_before = stream.bytes;
  store::Batch edits;
  add_events(group, stream, batch, now, edits);
  edits.put(Space::kLogs, key, encode(stream));
  TARN_CHECK(store_.commit(edits));
  group.bytes += stream.bytes - bytes_before;
  return refused;
}

Result<std::vector<Event>> Events::read(const Group& group, const StreamRecord& stream,
                                        const EventRange& range, const ReadPlace& place,
                                        std::size_t limit) const {
  std::string first = range_key(group, stream, range.from);
  std::string last = range.to ? range_key(group, stream, *range.to)
                              : store::prefix_end(event_prefix(group.id(), stream.id));
  if (place.beyond) {
    Position beyond{place.beyond->at, stream.id, place.beyond->number};
    if (place.forward && beyond.number < std::numeric_limits<std::uint64_t>::max()) ++beyond.number;
    std::string bound = event_key(group.id(), beyond);
    if (place.forward) {
      first = std::max(first, std::move(bound));
    } else {
      last = std::min(last, std::move(bound));
    }
  }
  std::vector<Event> out;
  std::int64_t bytes = 0;
  const auto cursor = store_.cursor(Space::kLogs);
  if (place.forward) {
    cursor->seek(first);
  } else {
    cursor->seek_for_prev(last);
    if (cursor->valid() && cursor->key() == last) cursor->prev();
  }
  while (cursor->valid() && cursor->key() >= first && cursor->key() < last && out.size() < limit) {
    TARN_TRY(Event event, decode_event(cursor->key(), cursor->value()));
    bytes += event.size();
    if (bytes > kMostBytes && !out.empty()) break;
    out.push_back(std::move(event));
    place.forward ? cursor->next() : cursor->prev();
  }
  TARN_CHECK(cursor->status());
  if (!place.forward) std::reverse(out.begin(), out.end());
  return out;
}

Status Events::expire(Group& group, Timestamp now) {
  const Timestamp oldest = group.record()->oldest_kept(now);
  if (oldest.ms <= 0) return {};
  const std::string prefix = stream_prefix(group.id());
  const auto cursor = store_.cursor(Space::kLogs);
  for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    TARN_TRY(const StreamRecord stream, decode_stream(cursor->value()));
    if (stream.first_event && *stream.first_event < oldest)
      TARN_CHECK(expire(group, stream.name, oldest));
  }
  return cursor->status();
}

Status Events::expire(Group& group, const std::string& stream_name, Timestamp oldest) {
  const std::shared_lock gate(group.gate());
  if (group.is_gone) return {};
  const std::string key = stream_key(group.id(), stream_name);
  const auto lock = store_.lock(Space::kLogs, key);
  TARN_TRY(const auto text, store_.get(Space::kLogs, key));
  if (!text) return {};
  TARN_TRY(StreamRecord stream, decode_stream(*text));
  const std::string first = event_prefix(group.id(), stream.id);
  const std::string last = range_key(group, stream, oldest);
  std::int64_t bytes = 0;
  const auto cursor = store_.cursor(Space::kLogs);
  for (cursor->seek(first); cursor->valid() && cursor->key() < last; cursor->next()) {
    TARN_TRY(const Event event, decode_event(cursor->key(), cursor->value()));
    bytes += event.size();
  }
  TARN_CHECK(cursor->status());
  const bool has_more = cursor->valid() && cursor->key().starts_with(first);
  stream.bytes -= bytes;
  stream.first_event.reset();
  if (has_more) stream.first_event = place_of(cursor->key()).at;
  store::Batch batch;
  batch.remove_range(Space::kLogs, first, last);
  batch.put(Space::kLogs, key, encode(stream));
  TARN_CHECK(store_.commit(batch));
  group.bytes -= bytes;
  return {};
}

}  // namespace tarn::logs
