// EventSearch: events of many streams of a group, in the order of time, that a pattern takes.
//
// Place: services/logs, for FilterLogEvents. Holds in memory a place in each stream and the page
// that it gives, never events that are not asked for. Threads: the blocking pool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/logs/filter_pattern.h"
#include "services/logs/groups.h"
#include "services/logs/record.h"
#include "store/store.h"

namespace tarn::logs {

struct SearchQuery {
  std::vector<std::string> streams;  // by name; empty: all
  std::string prefix;                // of their names
  Timestamp from;
  std::optional<Timestamp> to;  // the last moment
  bool forward = true;
  std::optional<Position> beyond;  // goes on after (or, backward, before) this one
  std::size_t limit = 0;
};

struct FoundEvent {
  std::string stream;
  Event event;
};

struct SearchPage {
  std::vector<FoundEvent> events;
  std::optional<Position> next;  // what was looked at last, where there may be more
};

// A page ends after query.limit events, kMostBytes of them, or after it has looked at as many as
// one call may. Errors: ResourceNotFoundException (a stream that is named), those of the store,
// kCorrupt.
[[nodiscard]] Result<SearchPage> search(store::Store& store, const Group& group,
                                        const SearchQuery& query, const FilterPattern& pattern);

}  // namespace tarn::logs
