// Bodies: the bytes of objects and parts, small ones in the metadata store, large ones in files.
//
// Place: services/s3, under the object store. Threads: safe from any thread.
//
// A body is written aside under a fresh random id and becomes visible when a record that names it
// is committed. What a crash leaves is a file that no record names; sweep() removes those. A file
// whose record is gone is removed when its last reader is done.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/platform.h"
#include "services/s3/md5_lanes.h"
#include "services/s3/object.h"
#include "services/s3/record.h"
#include "store/store.h"
#include "wire/body.h"
#include "wire/checksum.h"

namespace tarn::s3 {

// Bodies up to this length live in the metadata store.
inline constexpr std::size_t kInlineBytes = 16 << 10;

class Bodies;

// A body that is stored but not yet visible. Removed again unless keep() was called.
class NewBody {
 public:
  NewBody(NewBody&&) noexcept;
  NewBody& operator=(NewBody&&) = delete;
  ~NewBody();

  [[nodiscard]] const BodyRef& ref() const { return ref_; }
  [[nodiscard]] const BodyRecord& record() const { return record_; }
  [[nodiscard]] std::uint64_t size() const { return record_.size; }
  // Binary; empty where it was not asked for.
  [[nodiscard]] const std::string& md5() const { return md5_; }
  // What its ETag says, 16 bytes: the MD5, or under KMS what tells nothing of the data.
  [[nodiscard]] const std::string& etag() const { return etag_; }
  // Binary value under `algorithm`, one of those asked for.
  [[nodiscard]] const std::string& checksum(wire::ChecksumAlgorithm algorithm) const;
  // Its record is committed.
  void keep() { kept_ = true; }

 private:
  friend class Bodies;
  NewBody(Bodies& bodies, BodyRef ref);

  Bodies* bodies_;
  BodyRef ref_;
  std::shared_ptr<void> pin_;  // of a file; keeps the sweep away until its record is committed
  BodyRecord record_;
  std::string md5_;
  std::string etag_;
  std::vector<std::pair<wire::ChecksumAlgorithm, std::string>> checksums_;
  bool kept_ = false;
};

// How a body is to be received.
struct Intention {
  std::vector<wire::ChecksumAlgorithm> checksums;
  std::uint64_t limit = UINT64_MAX;  // bytes
  std::string data_key;              // seals it; empty: it is kept as it is
  bool md5 = true;                   // computed
  bool md5_etag = true;              // false: the ETag is another, of a sealed body
};

class Bodies {
 public:
  // Keeps its files in `directory`.
  Bodies(platform::Platform platform, store::Store& store, std::string directory);
  Bodies(const Bodies&) = delete;
  Bodies& operator=(const Bodies&) = delete;
  ~Bodies();

  // Makes the folders. Blocks. Errors: kIo, kDiskFull.
  Status prepare();
  // Removes files that no record names. Blocks, for a time that grows with the number of files;
  // stop() cuts it short. The number removed. Errors: kIo, kCorrupt.
  Result<std::size_t> sweep();
  void stop() { stopping_ = true; }

  // Stores all of `source`, with its checksums.
  // Errors: those of the source; EntityTooLarge past the limit; kIo, kDiskFull.
  [[nodiscard]] Task<Result<NewBody>> receive(wire::BodySource& source, Intention intention);

  // Keeps files from going while it lives.
  using Pin = std::shared_ptr<void>;
  [[nodiscard]] Pin pin(std::vector<BodyId> ids);

  // Bytes [offset, offset + length) of the segments in a row, opened by `data_key` (empty: they are
  // not sealed); keeps `pin`. The first piece is read and checked when it returns. Errors (also of
  // the body's next()): kIo, kCorrupt.
  [[nodiscard]] Task<Result<wire::Body>> read(std::vector<Segment> segments, std::uint64_t offset,
                                              std::uint64_t length, Pin pin, std::string data_key);

  // Removes files, each as soon as nobody has it pinned. Blocks.
  void discard(const std::vector<BodyId>& ids);

  // kDiskFull when less than the reserve would be left after `bytes` more.
  [[nodiscard]] Status admit(std::uint64_t bytes);

  // A name for a body of parts.
  [[nodiscard]] BodyRef fresh_composite() { return {fresh_id(), BodyKind::kComposite}; }

  // Runs `job` on the blocking pool; the destructor waits for it.
  void post(std::function<void()> job);

  [[nodiscard]] std::string path(const BodyId& id) const;
  [[nodiscard]] platform::Files& files() { return platform_.files; }
  [[nodiscard]] store::Store& store() { return store_; }

 private:
  friend class NewBody;
  class Intake;

  [[nodiscard]] BodyId fresh_id();
  void unpin(const std::vector<BodyId>& ids);
  void doom(const BodyId& id);
  Result<std::size_t> sweep_folder(const std::string& folder);

  struct Held {
    std::uint32_t readers = 0;
    bool doomed = false;  // goes with its last reader
  };

  platform::Platform platform_;
  store::Store& store_;
  std::string directory_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t jobs_ = 0;  // posted and not done
  std::unordered_map<std::string, Held> held_;
  Md5Lanes md5_lanes_{[this](std::function<void()> job) {
    post(std::move(job));
  }};
};

}  // namespace tarn::s3
