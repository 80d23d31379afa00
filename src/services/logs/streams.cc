#include "services/logs/streams.h"

#include <algorithm>
#include <utility>

namespace tarn::logs {
namespace {

using store::Space;

// Whether one stream stands before another on the pages of `query`.
bool stands_before(const StreamQuery& query, const StreamRecord& one, const StreamRecord& other) {
  // Those without an event count as the oldest.
  const auto place = [&](const StreamRecord& stream) {
    const bool by_time = query.order == StreamOrder::kLastEvent;
    const std::int64_t at = by_time && stream.last_event ? stream.last_event->ms : -1;
    return std::pair(at, std::string_view(stream.name));
  };
  return query.descending ? place(other) < place(one) : place(one) < place(other);
}

}  // namespace

Error no_such_stream() {
  return {"ResourceNotFoundException", "The specified log stream does not exist."};
}

Result<StreamRecord> Streams::find(const Group& group, std::string_view name) const {
  TARN_TRY(const auto text, store_.get(Space::kLogs, stream_key(group.id(), name)));
  if (!text) return no_such_stream();
  return decode_stream(*text);
}

Status Streams::create(Group& group, std::string_view name, Timestamp now) {
  const std::shared_lock gate(group.gate());
  if (group.is_gone) return no_such_group();
  const std::string key = stream_key(group.id(), name);
  const auto lock = store_.lock(Space::kLogs, key);
  TARN_TRY(const auto there, store_.get(Space::kLogs, key));
  if (there) {
    return Error("ResourceAlreadyExistsException", "The specified log stream already exists");
  }
  store::Batch batch;
  StreamRecord stream;
  stream.id = groups_.take_id(batch);
  stream.name = name;
  stream.created = now;
  batch.put(Space::kLogs, key, encode(stream));
  return store_.commit(batch);
}

Status Streams::remove(Group& group, std::string_view name) {
  const std::shared_lock gate(group.gate());
  if (group.is_gone) return no_such_group();
  const std::string key = stream_key(group.id(), name);
  const auto lock = store_.lock(Space::kLogs, key);
  TARN_TRY(const StreamRecord stream, find(group, name));
  const std::string events = event_prefix(group.id(), stream.id);
  store::Batch batch;
  batch.remove(Space::kLogs, key);
  batch.remove_range(Space::kLogs, events, store::prefix_end(events));
  TARN_CHECK(store_.commit(batch));
  group.bytes -= stream.bytes;
  return {};
}

Result<StreamPage> Streams::list(const Group& group, const StreamQuery& query) const {
  const auto before = [&](const StreamRecord& one, const StreamRecord& other) {
    return stands_before(query, one, other);
  };
  const std::string prefix = stream_key(group.id(), query.prefix);
  const bool ascends = query.order == StreamOrder::kName && !query.descending;
  // One more than a page tells whether there are more; the last of them is on top of the heap.
  const std::size_t wanted = query.limit + 1;
  StreamPage page;
  const auto cursor = store_.cursor(Space::kLogs);
  for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    TARN_TRY(StreamRecord stream, decode_stream(cursor->value()));
    if (query.after && !before(*query.after, stream)) continue;
    page.streams.push_back(std::move(stream));
    std::push_heap(page.streams.begin(), page.streams.end(), before);
    if (page.streams.size() <= wanted) continue;
    std::pop_heap(page.streams.begin(), page.streams.end(), before);
    page.streams.pop_back();
    if (ascends) break;
  }
  TARN_CHECK(cursor->status());
  std::sort_heap(page.streams.begin(), page.streams.end(), before);
  page.has_more = page.streams.size() > query.limit;
  if (page.has_more) page.streams.pop_back();
  return page;
}

}  // namespace tarn::logs
