// FailingFiles: a disk in memory that loses, refuses and spoils on purpose, and forgets what was
// never synced.
//
// Place: sim. It is stricter than a real disk: a file's content and a folder's entries survive
// crash() only as far as they were synced, plus, by chance of the seed, any part of the rest (also
// with holes, as pages are written in any order). Threads: safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "platform/files.h"

namespace tarn::sim {

class FailingFiles final : public platform::Files {
 public:
  explicit FailingFiles(std::uint64_t seed = 1) : random_(seed) {}

  // Faults. `count` operations go well, then one fails with kIo (an append after a random part of
  // it was written).
  void fail_write_after(std::uint64_t count) { arm(write_fault_, count); }
  void fail_sync_after(std::uint64_t count) { arm(sync_fault_, count); }
  void fail_truncate_after(std::uint64_t count) { arm(truncate_fault_, count); }
  // After `count` more changes the power is off: that change happens in part or not at all, and
  // every call fails until crash().
  void power_off_after(std::uint64_t count) { arm(power_fault_, count); }
  void power_off();
  [[nodiscard]] bool powered() const;
  // Forgets faults that have not struck yet.
  void disarm();
  // Bytes of content the disk holds; an append over it writes what fits and fails with kDiskFull.
  void set_capacity(std::uint64_t bytes);

  // The machine starts again: unsynced content and entries are gone, or there in part.
  void crash();
  // Inverts the bits of one byte, as a bad disk would.
  void spoil(const std::string& path, std::uint64_t offset);
  // Content as a program would see it now.
  [[nodiscard]] std::string content(const std::string& path);

  // How often each was asked, for tests that count.
  [[nodiscard]] std::uint64_t syncs() const;
  [[nodiscard]] std::uint64_t bytes_read() const;

  Result<std::unique_ptr<platform::File>> open(const std::string& path,
                                               platform::OpenMode mode) override;
  Result<std::string> read(const std::string& path) override;
  Status write_atomically(const std::string& path, std::string_view content,
                          unsigned mode) override;
  Status make_directories(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status sync_directory(const std::string& directory) override;
  Status remove(const std::string& path) override;
  Status remove_tree(const std::string& path) override;
  Result<std::vector<platform::DirectoryEntry>> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  Result<platform::Space> space(const std::string& path) override;
  Result<std::string> resolve(const std::string& path) override;
  Status change_owner(const std::string& path, unsigned user, unsigned group) override;
  Status lock(const std::string& path) override;

 private:
  friend class MemoryFile;

  struct Node {
    std::string now;      // what a program sees
    std::string durable;  // what is on the disk for sure
  };
  struct Fault {
    bool armed = false;
    std::uint64_t left = 0;
  };
  using Entries = std::map<std::string, std::shared_ptr<Node>>;

  void arm(Fault& fault, std::uint64_t count);
  [[nodiscard]] static bool strikes(Fault& fault);
  // The checks before every change; a failure is what the call gives back.
  Status before_change(const std::string& path);
  Status write(Node& node, const std::string& path, std::uint64_t offset, std::string_view data);
  Status sync(Node& node, const std::string& path);
  Status truncate(Node& node, const std::string& path, std::uint64_t size);
  [[nodiscard]] std::uint64_t used() const;
  [[nodiscard]] std::uint64_t draw(std::uint64_t up_to);
  void settle(Node& node);

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  Entries now_;
  Entries durable_;
  std::set<std::string> directories_;
  Fault write_fault_;
  Fault sync_fault_;
  Fault truncate_fault_;
  Fault power_fault_;
  bool powered_ = true;
  std::uint64_t life_ = 0;  // grows at each crash: handles of an earlier life fail
  std::uint64_t capacity_ = UINT64_MAX;
  std::uint64_t syncs_ = 0;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace tarn::sim
