#include "platform/real/files.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <filesystem>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include <fmt/format.h>

namespace tarn::platform::real {

namespace {

Error failure(std::string_view what, const std::string& path, int error) {
  std::string_view name = code::kIo;
  if (error == ENOSPC || error == EDQUOT) name = code::kDiskFull;
  if (error == ENOENT || error == ENOTDIR) name = code::kNotFound;
  if (error == EEXIST) name = code::kExists;
  return {name, fmt::format("cannot {} {}: {}", what, path, std::strerror(error))};
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// Writes all of `data` at `offset`.
int write_all(int fd, std::uint64_t offset, std::string_view data) {
  while (!data.empty()) {
    const ssize_t wrote = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    offset += static_cast<std::uint64_t>(wrote);
    data.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return 0;
}

// Steps over the first `count` bytes of the parts from `first` on.
std::span<iovec> step_over(std::span<iovec> parts, std::size_t count) {
  while (!parts.empty() && count >= parts.front().iov_len) {
    count -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (!parts.empty() && count > 0) {
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + count;
    parts.front().iov_len -= count;
  }
  return parts;
}

int write_all_parts(int fd, std::uint64_t offset, std::span<iovec> parts) {
  parts = step_over(parts, 0);
  while (!parts.empty()) {
    const int count = static_cast<int>(std::min<std::size_t>(parts.size(), IOV_MAX));
    const ssize_t wrote = ::pwritev(fd, parts.data(), count, static_cast<off_t>(offset));
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    offset += static_cast<std::uint64_t>(wrote);
    parts = step_over(parts, static_cast<std::size_t>(wrote));
  }
  return 0;
}

constexpr std::uint64_t kWritebackBytes = 8U << 20;

class RealFile final : public File {
 public:
  RealFile(Descriptor fd, std::string path, std::uint64_t end)
      : fd_(std::move(fd)), path_(std::move(path)), end_(end) {}

  Status append(std::string_view data) override {
    const std::uint64_t end = end_.load(std::memory_order_relaxed);
    return appended(write_all(fd_.get(), end, data), end, data.size());
  }

  Status append_all(std::span<const std::string_view> parts) override {
    std::vector<iovec> vectors;
    vectors.reserve(parts.size());
    std::size_t total = 0;
    for (const std::string_view part : parts) {
      vectors.push_back(
          {const_cast<char*>(part.data()), part.size()});  // NOLINT: pwritev only reads
      total += part.size();
    }
    const std::uint64_t end = end_.load(std::memory_order_relaxed);
    return appended(write_all_parts(fd_.get(), end, vectors), end, total);
  }

  Status write_at(std::uint64_t offset, std::string_view data) override {
    if (const int error = write_all(fd_.get(), offset, data); error != 0)
      return failure("write", path_, error);
    end_.store(std::max(end_.load(std::memory_order_relaxed), offset + data.size()),
               std::memory_order_relaxed);
    return {};
  }

  Status read_at(std::uint64_t offset, std::size_t length, std::string& out) override {
    out.resize(length);
    std::size_t done = 0;
    while (done < length) {
      const ssize_t got =
          ::pread(fd_.get(), out.data() + done, length - done, static_cast<off_t>(offset + done));
      if (got < 0) {
        if (errno == EINTR) continue;
        const int error = errno;
        out.clear();
        return failure("read", path_, error);
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    out.resize(done);
    return {};
  }

  Status sync() override {
    while (::fdatasync(fd_.get()) != 0) {
      if (errno != EINTR) return failure("sync", path_, errno);
    }
    return {};
  }

  Status truncate(std::uint64_t size) override {
    while (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return failure("truncate", path_, errno);
    }
    end_.store(size, std::memory_order_relaxed);
    return {};
  }

  [[nodiscard]] Result<std::uint64_t> size() const override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return failure("look at", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

 private:
  Status appended(int error, std::uint64_t end, std::size_t count) {
    if (error == 0) {
      end_.store(end + count, std::memory_order_relaxed);
      begin_writeback(end, end + count);
      return {};
    }
    // Best effort: the reader of a log checks its tail in any case.
    [[maybe_unused]] const int taken_back = ::ftruncate(fd_.get(), static_cast<off_t>(end));
    return failure("write", path_, error);
  }

  // The disk begins with each stretch of a large file once it is whole, so that the sync at the end
  // has little left to wait for. A hint (sync_file_range(2)): what is durable, sync() alone says.
  void begin_writeback(std::uint64_t before, std::uint64_t after) const {
    const std::uint64_t from = before / kWritebackBytes * kWritebackBytes;
    const std::uint64_t to = after / kWritebackBytes * kWritebackBytes;
    if (from == to) return;
    [[maybe_unused]] const int begun = ::sync_file_range(
        fd_.get(), static_cast<off_t>(from), static_cast<off_t>(to - from), SYNC_FILE_RANGE_WRITE);
  }

  Descriptor fd_;
  std::string path_;
  std::atomic<std::uint64_t> end_;
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead: return O_RDONLY;
    case OpenMode::kAppend: return O_RDWR | O_CREAT;
    case OpenMode::kCreateNew: return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::kReadWrite: return O_RDWR;
  }
  return O_RDONLY;
}

Result<Descriptor> open_descriptor(const std::string& path, int flags, mode_t mode = 0644) {
  for (;;) {
    Descriptor fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (fd.valid()) return fd;
    if (errno != EINTR) return failure("open", path, errno);
  }
}

// Who holds the lock, as far as its file tells.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  int pid = 0;
  if (got <= 0 || std::from_chars(text.data(), text.data() + got, pid).ec != std::errc())
    return "another process";
  return fmt::format("process {}", pid);
}

}  // namespace

Result<std::unique_ptr<File>> Files::open(const std::string& path, OpenMode mode) {
  TARN_TRY(Descriptor fd, open_descriptor(path, open_flags(mode)));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return failure("look at", path, errno);
  if (S_ISDIR(info.st_mode)) return failure("open", path, EISDIR);
  const auto end = static_cast<std::uint64_t>(info.st_size);
  return std::unique_ptr<File>(std::make_unique<RealFile>(std::move(fd), path, end));
}

Result<std::string> Files::read(const std::string& path) {
  TARN_TRY(Descriptor fd, open_descriptor(path, O_RDONLY));
  std::string content;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read", path, errno);
    if (got == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(got));
  }
}

Status Files::write_atomically(const std::string& path, std::string_view content, unsigned mode) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = next_temporary_++;
  }
  const std::string aside = fmt::format("{}.{}.{}.tmp", path, ::getpid(), number);
  // 0600 until it is whole: a secret is never readable by others, not even aside.
  TARN_TRY(const Descriptor fd, open_descriptor(aside, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  int error = write_all(fd.get(), 0, content);
  if (error == 0 && ::fchmod(fd.get(), mode) != 0) error = errno;
  if (error == 0 && ::fdatasync(fd.get()) != 0) error = errno;
  if (error == 0 && ::rename(aside.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(aside.c_str());
    return failure("write", path, error);
  }
  return sync_directory(folder_of(path));
}

Status Files::make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return failure("make directory", path, error.value());
  return {};
}

Status Files::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename", from, errno);
  const std::string from_folder = folder_of(from);
  const std::string to_folder = folder_of(to);
  TARN_CHECK(sync_directory(to_folder));
  return from_folder == to_folder ? Status() : sync_directory(from_folder);
}

Status Files::sync_directory(const std::string& directory) {
  TARN_TRY(Descriptor fd, open_descriptor(directory, O_RDONLY | O_DIRECTORY));
  while (::fsync(fd.get()) != 0) {
    if (errno != EINTR) return failure("sync", directory, errno);
  }
  return {};
}

Status Files::remove(const std::string& path) {
  if (::remove(path.c_str()) != 0) return failure("remove", path, errno);
  return {};
}

Status Files::remove_tree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return failure("remove", path, error.value());
  return {};
}

Result<std::vector<DirectoryEntry>> Files::list(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
  if (!directory) return failure("list", path, errno);
  std::vector<DirectoryEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat info{};
    // An entry that went away meanwhile is not listed.
    if (::fstatat(::dirfd(directory.get()), entry->d_name, &info, 0) != 0) continue;
    DirectoryEntry found;
    found.name = name;
    found.is_directory = S_ISDIR(info.st_mode);
    found.size = static_cast<std::uint64_t>(info.st_size);
    found.modified.ms = std::int64_t{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000;
    entries.push_back(std::move(found));
  }
  if (errno != 0) return failure("list", path, errno);
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

bool Files::exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

Result<Space> Files::space(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return failure("measure", path, errno);
  Space space;
  space.total = std::uint64_t{info.f_blocks} * info.f_frsize;
  space.available = std::uint64_t{info.f_bavail} * info.f_frsize;
  return space;
}

Result<std::string> Files::resolve(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  if (error) return failure("resolve", path, error.value());
  return real.string();
}

Status Files::change_owner(const std::string& path, unsigned user, unsigned group) {
  if (::lchown(path.c_str(), user, group) != 0) return failure("change the owner of", path, errno);
  return {};
}

Status Files::lock(const std::string& path) {
  TARN_TRY(Descriptor fd, open_descriptor(path, O_RDWR | O_CREAT));
  // Whoever only asks who holds it (process_table.h) has it for microseconds: try again before
  // giving up.
  int tries = 3;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return failure("lock", path, errno);
    if (--tries > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    return Error(code::kExists, fmt::format("{} is locked by {}", path, holder(fd.get())));
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd.get(), 0) != 0) return failure("write", path, errno);
  if (const int error = write_all(fd.get(), 0, pid); error != 0)
    return failure("write", path, error);
  const std::lock_guard guard(mutex_);
  locks_.push_back(std::move(fd));
  return {};
}

}  // namespace tarn::platform::real
