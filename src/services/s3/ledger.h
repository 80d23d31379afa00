// Ledger: the one writer of the object store's metadata.
//
// Place: services/s3, between the object store and the metadata store.
// Threads: apply() and drain() from any thread; mutations run one after another on the blocking
// pool.
//
// A mutation reads the current records, decides (conditions, part lists, emptiness) and writes,
// with no other mutation in between, so that conditional writes are exact without locks. All
// mutations that wait while the disk is busy go into one commit: one fsync carries many. A mutation
// that fails leaves nothing behind; one that succeeds is durable when apply() gives its result.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/tasks.h"
#include "services/s3/object.h"
#include "store/store.h"

namespace tarn::s3 {

// The records as one mutation sees and changes them.
class Draft {
 public:
  using Key = std::pair<store::Space, std::string>;
  using Edits = std::map<Key, std::optional<std::string>>;  // nullopt: removed

  Draft(store::Store& store, const Edits& before) : store_(store), before_(before) {}

  // Errors: kIo, kCorrupt.
  [[nodiscard]] Result<std::optional<std::string>> get(store::Space space, const std::string& key);
  // Every pair whose key starts with `prefix`, in order, at most `limit`. Errors: kIo, kCorrupt.
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> scan(
      store::Space space, const std::string& prefix, std::size_t limit);
  void put(store::Space space, std::string key, std::string value);
  void remove(store::Space space, std::string key);
  // The file of this body goes once the mutation is durable and nobody reads it.
  void discard_file(const BodyId& id) { discarded_.push_back(id); }

 private:
  friend class Ledger;

  store::Store& store_;
  const Edits& before_;  // of earlier mutations of the same commit
  Edits edits_;
  std::vector<BodyId> discarded_;
};

class Ledger {
 public:
  using Mutation = std::function<Status(Draft&)>;
  // Called on the blocking pool with the files that no record names any more.
  using Discard = std::function<void(const std::vector<BodyId>&)>;
  // Called before a commit that adds; kDiskFull refuses it.
  using Admit = std::function<Status()>;

  Ledger(store::Store& store, platform::Tasks& tasks, Admit admit, Discard discard);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  // Errors: the mutation's own; kIo, kCorrupt, kDiskFull of the commit. `adds` is false for
  // mutations that free space, which a full disk must not refuse.
  [[nodiscard]] Task<Status> apply(Mutation mutation, bool adds = true);

 private:
  struct Waiting {
    Mutation mutation;
    bool adds = true;
    platform::Completion<Status> done;
    Status outcome;
  };

  struct Started;

  void run();
  void commit(const std::vector<Waiting*>& group);
  bool prepare(Waiting& waiting, Draft::Edits& edits, std::vector<BodyId>& discarded);

  store::Store& store_;
  platform::Tasks& tasks_;
  Admit admit_;
  Discard discard_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Waiting*> queue_;
  bool running_ = false;
};

}  // namespace tarn::s3
