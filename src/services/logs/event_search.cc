#include "services/logs/event_search.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "services/logs/events.h"
#include "services/logs/streams.h"

namespace tarn::logs {
namespace {

using store::Space;

// What one call looks at, so that it ends soon however little it finds.
constexpr std::size_t kMostLookedAt = 100'000;
constexpr std::int64_t kMostBytesLookedAt = 16LL << 20;

struct StreamPlace {
  Position next;
  std::size_t stream = 0;  // in Search::streams_
};

// Whether one place comes after another on the way: a heap's top is the nearest.
struct ComesLater {
  bool forward = true;

  bool operator()(const StreamPlace& one, const StreamPlace& other) const {
    return forward ? other.next < one.next : one.next < other.next;
  }
};

class Search {
 public:
  Search(store::Store& store, const Group& group, const SearchQuery& query,
         const FilterPattern& pattern)
      : store_(store), group_(group), query_(query), pattern_(pattern) {}

  Result<SearchPage> run() {
    TARN_CHECK(query_.streams.empty() ? add_all() : add_named());
    cursor_ = store_.cursor(Space::kLogs);
    for (std::size_t i = 0; i < streams_.size(); ++i) start(i);
    while (!places_.empty()) {
      std::pop_heap(places_.begin(), places_.end(), later_);
      const StreamPlace place = places_.back();
      places_.pop_back();
      seek(event_key(group_.id(), place.next));
      TARN_TRY(const bool is_full, follow(place.stream));
      if (is_full) break;
    }
    TARN_CHECK(cursor_->status());
    return std::move(page_);
  }

 private:
  // The streams that may hold what is asked for.
  struct Candidate {
    std::uint64_t id = 0;
    std::string name;
  };

  void add(StreamRecord stream) {
    if (!stream.last_event || *stream.last_event < query_.from) return;
    if (query_.to && stream.first_event && *stream.first_event > *query_.to) return;
    streams_.push_back({stream.id, std::move(stream.name)});
  }
  Status add_all() {
    const std::string prefix = stream_key(group_.id(), query_.prefix);
    const auto cursor = store_.cursor(Space::kLogs);
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix);
         cursor->next()) {
      TARN_TRY(StreamRecord stream, decode_stream(cursor->value()));
      add(std::move(stream));
    }
    return cursor->status();
  }
  Status add_named() {
    for (const std::string& name : query_.streams) {
      TARN_TRY(const auto text, store_.get(Space::kLogs, stream_key(group_.id(), name)));
      if (!text) return no_such_stream();
      TARN_TRY(StreamRecord stream, decode_stream(*text));
      add(std::move(stream));
    }
    return {};
  }

  void seek(const std::string& key) {
    if (cursor_->valid() && cursor_->key() == key) return;
    cursor_->seek(key);
  }

  // The event under the cursor, if it is the stream's and within what is asked for.
  [[nodiscard]] std::optional<Position> here(std::size_t stream) const {
    if (!cursor_->valid()) return std::nullopt;
    const std::string prefix = event_prefix(group_.id(), streams_[stream].id);
    if (!cursor_->key().starts_with(prefix)) return std::nullopt;
    const Position place = place_of(cursor_->key());
    if (place.at < query_.from || (query_.to && place.at > *query_.to)) return std::nullopt;
    return place;
  }

  // Puts the stream's first event on the way into the heap.
  void start(std::size_t stream) {
    const std::uint64_t id = streams_[stream].id;
    constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
    if (query_.forward) {
      Position first{query_.from, id, 0};
      // Those of the same moment in streams that come before were looked at already.
      if (query_.beyond) first = std::max(first, after(*query_.beyond, id));
      cursor_->seek(event_key(group_.id(), first));
    } else {
      Position last{query_.to.value_or(Timestamp{std::numeric_limits<std::int64_t>::max()}), id,
                    kLast};
      if (query_.beyond) last = std::min(last, before(*query_.beyond, id));
      cursor_->seek_for_prev(event_key(group_.id(), last));
    }
    if (const auto place = here(stream)) push({*place, stream});
  }

  // The first place of stream `id` that stands after `place`, and the last one before it.
  static Position after(const Position& place, std::uint64_t id) {
    if (id == place.stream) return {place.at, id, place.number + 1};
    if (id > place.stream) return {place.at, id, 0};
    return {Timestamp{place.at.ms + 1}, id, 0};
  }
  static Position before(const Position& place, std::uint64_t id) {
    constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
    if (id == place.stream) return {place.at, id, place.number - 1};
    if (id < place.stream) return {place.at, id, kLast};
    return {Timestamp{place.at.ms - 1}, id, kLast};
  }

  void push(StreamPlace place) {
    places_.push_back(place);
    std::push_heap(places_.begin(), places_.end(), later_);
  }

  // Looks at events of the stream from the cursor on, until another stream's comes first; true when
  // the page is full.
  Result<bool> follow(std::size_t stream) {
    while (true) {
      TARN_TRY(const bool is_full, look(stream));
      if (is_full) return true;
      query_.forward ? cursor_->next() : cursor_->prev();
      const auto place = here(stream);
      if (!place) return false;
      const StreamPlace next{*place, stream};
      if (places_.empty() || !later_(next, places_.front())) continue;
      push(next);
      return false;
    }
  }

  Result<bool> look(std::size_t stream) {
    TARN_TRY(Event event, decode_event(cursor_->key(), cursor_->value()));
    const Position place = event.place;
    ++looked_at_;
    bytes_looked_at_ += event.size();
    if (pattern_.matches(event.message)) {
      if (bytes_ + event.size() > kMostBytes && !page_.events.empty()) {
        page_.next = last_;
        return true;
      }
      bytes_ += event.size();
      page_.events.push_back({streams_[stream].name, std::move(event)});
    }
    last_ = place;
    const bool is_full = page_.events.size() >= query_.limit || looked_at_ >= kMostLookedAt ||
                         bytes_looked_at_ >= kMostBytesLookedAt;
    if (is_full) page_.next = last_;
    return is_full;
  }

  store::Store& store_;
  const Group& group_;
  const SearchQuery& query_;
  const FilterPattern& pattern_;
  const ComesLater later_{query_.forward};
  std::vector<Candidate> streams_;
  std::vector<StreamPlace> places_;  // a heap
  std::unique_ptr<store::Cursor> cursor_;
  SearchPage page_;
  Position last_;
  std::int64_t bytes_ = 0;
  std::size_t looked_at_ = 0;
  std::int64_t bytes_looked_at_ = 0;
};

}  // namespace

Result<SearchPage> search(store::Store& store, const Group& group, const SearchQuery& query,
                          const FilterPattern& pattern) {
  return Search(store, group, query, pattern).run();
}

}  // namespace tarn::logs
