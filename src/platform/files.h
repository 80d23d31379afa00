// Files: the only way to the disk.
//
// Place: platform; the real one stands in platform/real, one that fails on purpose in sim.
// Threads: Files is safe from any thread; a File is safe for concurrent read_at and sync, while
// append and truncate are for one thread at a time.
//
// Every call blocks: long ones belong on Tasks::offload. Errors everywhere: kIo (with path and
// strerror), kNotFound, kExists and kDiskFull of tarn::code.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"

namespace tarn::platform {

class File {
 public:
  virtual ~File() = default;

  // Writes all of `data` at the end.
  virtual Status append(std::string_view data) = 0;
  // Writes all of `parts`, in order, at the end with as few system calls as possible.
  virtual Status append_all(std::span<const std::string_view> parts) = 0;
  virtual Status write_at(std::uint64_t offset, std::string_view data) = 0;
  // Reads up to `length` bytes into `out` (replaced); fewer only at the end of the file.
  virtual Status read_at(std::uint64_t offset, std::size_t length, std::string& out) = 0;
  // Content (not times) is on the disk when it returns: fdatasync.
  virtual Status sync() = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};

enum class OpenMode {
  kRead,       // must exist
  kAppend,     // created if absent, written at its end; readable too
  kCreateNew,  // kExists if there; readable too
  kReadWrite,  // must exist
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  std::uint64_t size = 0;
  Timestamp modified;
};

struct Space {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
};

class Files {
 public:
  virtual ~Files() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           OpenMode mode) = 0;
  [[nodiscard]] virtual Result<std::string> read(const std::string& path) = 0;
  // The whole content appears under `path` at once and durably, or not at all: write aside, sync,
  // rename, sync folder.
  virtual Status write_atomically(const std::string& path, std::string_view content,
                                  unsigned mode = 0644) = 0;
  virtual Status make_directories(const std::string& path) = 0;
  // Durable when it returns (both folders synced).
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // Makes a rename, creation or removal inside `directory` durable.
  virtual Status sync_directory(const std::string& directory) = 0;
  virtual Status remove(const std::string& path) = 0;
  virtual Status remove_tree(const std::string& path) = 0;
  // Sorted by name; without "." and "..".
  [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  [[nodiscard]] virtual Result<Space> space(const std::string& path) = 0;
  // The path without symbolic links, from the root.
  [[nodiscard]] virtual Result<std::string> resolve(const std::string& path) = 0;
  // Gives `path` itself, not what it links to, to a user and a group by their numbers. Only root
  // may.
  virtual Status change_owner(const std::string& path, unsigned user, unsigned group) = 0;
  // Takes an exclusive lock for the life of the process; kExists when another holds it.
  virtual Status lock(const std::string& path) = 0;
};

}  // namespace tarn::platform
