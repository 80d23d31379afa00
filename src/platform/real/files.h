// Files: the machine's file systems.
//
// Place: platform/real. Threads: as platform/files.h says.
//
// Every descriptor is close-on-exec. An append that fails takes back what it wrote of its data
// where the file system lets it, so that a full disk leaves no torn tail behind a refusal.
#pragma once

#include <mutex>

#include "platform/files.h"
#include "platform/real/descriptor.h"

namespace tarn::platform::real {

class Files final : public platform::Files {
 public:
  [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  [[nodiscard]] Result<std::string> read(const std::string& path) override;
  Status write_atomically(const std::string& path, std::string_view content,
                          unsigned mode) override;
  Status make_directories(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status sync_directory(const std::string& directory) override;
  Status remove(const std::string& path) override;
  Status remove_tree(const std::string& path) override;
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  [[nodiscard]] bool exists(const std::string& path) override;
  [[nodiscard]] Result<Space> space(const std::string& path) override;
  Result<std::string> resolve(const std::string& path) override;
  Status change_owner(const std::string& path, unsigned user, unsigned group) override;
  // The lock file holds the holder's process id, one decimal line, for whoever finds it taken.
  Status lock(const std::string& path) override;

 private:
  std::mutex mutex_;
  std::vector<Descriptor> locks_;
  std::uint64_t next_temporary_ = 0;
};

}  // namespace tarn::platform::real
