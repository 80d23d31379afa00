// Store: the durable metadata of the whole program, ordered keys in named spaces.
//
// Place: store; the only room that knows RocksDB. Services keep their records here, one space (or
// more) per service, and nothing else durable but bulk data (log segments, object bodies). Threads:
// safe from any thread. Calls block: reads are short (memory or page cache); commit() waits for the
// disk, so mutating handlers run it on Tasks::offload, where commits of several threads share one
// fsync.
//
// One mutation = one Batch = one commit: visible whole or not at all, durable when commit()
// returns. For read-modify-write take lock(space, key) around it. Errors: kIo, kCorrupt, kDiskFull
// of tarn::code.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tarn::store {

// A named, ordered key space; values of the enum are on disk by name (docs/formats/store.md).
enum class Space : std::uint8_t {
  kAccount,
  kIam,
  kS3,
  kS3Index,
  kKinesis,
  kDynamodb,
  kDynamodbItems,
  kGlue,
  kLivy,
  kKms,
  kEmr,
  kCloudFormation,
  kEc2,
  kLambda,
  kLogs,
  kServiceCatalog,
  kSecretsManager,
  kSsm,
  kCloudTrail,
  kCount
};

class Batch {
 public:
  Batch& put(Space space, std::string key, std::string value);
  Batch& remove(Space space, std::string key);
  // Removes every key in [first, last).
  Batch& remove_range(Space space, std::string first, std::string last);
  [[nodiscard]] bool empty() const { return edits_.empty(); }

  struct Edit {
    enum class Kind : std::uint8_t { kPut, kRemove, kRemoveRange } kind;
    Space space;
    std::string key;
    std::string value;  // of kRemoveRange: the end
  };
  [[nodiscard]] const std::vector<Edit>& edits() const { return edits_; }

 private:
  std::vector<Edit> edits_;
};

// A consistent, forward and backward walk over one space. Not for sharing between threads.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek(std::string_view key) = 0;           // to the first key >= `key`
  virtual void seek_for_prev(std::string_view key) = 0;  // to the last key <= `key`
  virtual void next() = 0;
  virtual void prev() = 0;
  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;    // until the cursor moves
  [[nodiscard]] virtual std::string_view value() const = 0;  // until the cursor moves
  [[nodiscard]] virtual Status status() const = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  [[nodiscard]] virtual Result<std::optional<std::string>> get(Space space,
                                                               std::string_view key) = 0;
  [[nodiscard]] virtual std::unique_ptr<Cursor> cursor(Space space) = 0;
  // Durable when it returns.
  virtual Status commit(const Batch& batch) = 0;

  // Holds every key of `space` that shares `key`'s stripe until the guard goes.
  [[nodiscard]] virtual std::unique_lock<std::mutex> lock(Space space, std::string_view key) = 0;

  // The pairs whose key starts with `prefix`, at most `limit`, the first key being > `after` where
  // given.
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> scan(
      Space space, std::string_view prefix, std::size_t limit = SIZE_MAX,
      std::string_view after = {});
};

// Opens (creates if absent) the store in `directory`.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const std::string& directory);

// Smallest string greater than every string that starts with `prefix`; empty when there is none.
[[nodiscard]] std::string prefix_end(std::string_view prefix);

}  // namespace tarn::store
