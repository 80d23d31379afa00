// Streams: the log streams of groups, in the store.
//
// Place: services/logs. Threads: any thread of the blocking pool; each call waits for the disk.
// Errors of all: those of the store, kCorrupt; ResourceNotFoundException where the group is gone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/logs/groups.h"
#include "services/logs/record.h"
#include "store/store.h"

namespace tarn::logs {

enum class StreamOrder : std::uint8_t { kName, kLastEvent };

struct StreamQuery {
  std::string prefix;
  StreamOrder order = StreamOrder::kName;
  bool descending = false;
  // The last stream of the page before.
  std::optional<StreamRecord> after;
  std::size_t limit = 50;
};

struct StreamPage {
  std::vector<StreamRecord> streams;
  bool has_more = false;
};

class Streams {
 public:
  Streams(store::Store& store, Groups& groups) : store_(store), groups_(groups) {}

  // Error besides: ResourceNotFoundException.
  [[nodiscard]] Result<StreamRecord> find(const Group& group, std::string_view name) const;
  // Error besides: ResourceAlreadyExistsException.
  Status create(Group& group, std::string_view name, Timestamp now);
  // With all its events. Error besides: ResourceNotFoundException.
  Status remove(Group& group, std::string_view name);
  // Holds no more than a page in memory, however many there are.
  [[nodiscard]] Result<StreamPage> list(const Group& group, const StreamQuery& query) const;

 private:
  store::Store& store_;
  Groups& groups_;
};

[[nodiscard]] Error no_such_stream();

}  // namespace tarn::logs
