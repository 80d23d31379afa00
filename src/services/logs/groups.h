// Groups: the log groups of every account and Region, in memory and in the store. Their streams and
// events are in the store only (streams.h, events.h).
//
// Place: services/logs. Formats: docs/formats/logs.md. Threads: find() and list() from any thread;
// what changes groups is called on the blocking pool (it waits for the disk).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "services/logs/record.h"
#include "store/store.h"

namespace tarn::logs {

class Group {
 public:
  explicit Group(GroupRecord record)
      : id_(record.id), record_(std::make_shared<const GroupRecord>(std::move(record))) {}

  [[nodiscard]] std::uint64_t id() const { return id_; }
  // What the group is now; a change replaces the record.
  [[nodiscard]] std::shared_ptr<const GroupRecord> record() const;
  void set_record(GroupRecord record);

  // Held shared while its streams and events are written, exclusive while it changes or goes. Never
  // across a co_await.
  [[nodiscard]] std::shared_mutex& gate() { return gate_; }
  // Behind the gate: it has been deleted.
  bool is_gone = false;
  // Of all its events, as StreamRecord::bytes counts them.
  std::atomic<std::int64_t> bytes{0};

 private:
  const std::uint64_t id_;
  std::shared_mutex gate_;
  mutable std::mutex mutex_;
  std::shared_ptr<const GroupRecord> record_;
};

class Groups {
 public:
  explicit Groups(store::Store& store) : store_(store) {}

  // Reads every group from the store. Errors: those of the store, kCorrupt.
  Status load();

  // nullptr where there is none.
  [[nodiscard]] std::shared_ptr<Group> find(std::string_view account, std::string_view region,
                                            std::string_view name) const;
  // In the order of their names, those > `after` that `wanted` takes, at most `limit`.
  [[nodiscard]] std::vector<std::shared_ptr<Group>> list(
      std::string_view account, std::string_view region, std::string_view after, std::size_t limit,
      const std::function<bool(const GroupRecord&)>& wanted) const;
  [[nodiscard]] std::vector<std::shared_ptr<Group>> all() const;

  // Adds the group, giving it its id. Errors: ResourceAlreadyExistsException, those of the store.
  [[nodiscard]] Result<std::shared_ptr<Group>> create(GroupRecord record);
  // Makes what `edit` does to the record durable, then known. Errors: those of `edit`, of the
  // store; ResourceNotFoundException (it goes at this moment).
  Status change(Group& group, const std::function<Status(GroupRecord&)>& edit);
  // Removes the group with all that it holds. Errors: as above; ValidationException (protected).
  Status drop(Group& group);

  // An id that no group and no stream has had, taken with `batch`.
  [[nodiscard]] std::uint64_t take_id(store::Batch& batch);

 private:
  using Name = std::tuple<std::string, std::string, std::string>;  // account, Region, name

  Status count_bytes(Group& group);

  store::Store& store_;
  mutable std::mutex mutex_;
  std::map<Name, std::shared_ptr<Group>, std::less<>> groups_;
  std::uint64_t next_id_ = 1;
};

[[nodiscard]] Error no_such_group();

}  // namespace tarn::logs
