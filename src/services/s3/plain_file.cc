#include "services/s3/plain_file.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace tarn::s3 {
namespace {

constexpr std::uint64_t kReadBytes = 1 << 20;

class PlainFileBody final : public wire::BodySource {
 public:
  PlainFileBody(platform::Tasks& tasks, std::unique_ptr<platform::File> file, std::uint64_t offset,
                std::uint64_t length)
      : tasks_(tasks), file_(std::move(file)), offset_(offset), left_(length), length_(length) {}

  Task<Result<std::string_view>> next() override {
    if (left_ == 0) co_return std::string_view();
    auto work = [this] {
      return file_->read_at(offset_, static_cast<std::size_t>(std::min(left_, kReadBytes)), piece_);
    };
    TARN_CO_CHECK(co_await tasks_.offload(work));
    if (piece_.empty()) co_return tarn::Error(code::kIo, "the file became shorter");
    offset_ += piece_.size();
    left_ -= piece_.size();
    co_return std::string_view(piece_);
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }

 private:
  platform::Tasks& tasks_;
  std::unique_ptr<platform::File> file_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::uint64_t length_;
  std::string piece_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

Result<StoredObject> stat(platform::Files& files, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  TARN_TRY(const auto entries,
           files.list(slash == std::string::npos ? "." : path.substr(0, slash)));
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  for (const platform::DirectoryEntry& entry : entries) {
    if (entry.name != name || entry.is_directory) continue;
    StoredObject object;
    object.size = entry.size;
    object.last_modified = {entry.modified.ms / 1000 * 1000};
    object.etag = fmt::format("{:016x}{:016x}", entry.size, entry.modified.ms);
    object.headers.content_type = "application/java-archive";
    return object;
  }
  return tarn::Error(code::kNotFound, path + " does not exist");
}

}  // namespace

Task<Result<StoredObject>> stat_plain_file(platform::Platform platform, std::string path) {
  auto work = [&platform, &path] {
    return stat(platform.files, path);
  };
  co_return co_await platform.tasks.offload(work);
}

Task<Result<wire::Body>> read_plain_file(platform::Platform platform, std::string path,
                                         std::uint64_t offset, std::uint64_t length) {
  auto work = [&platform, &path] {
    return platform.files.open(path, platform::OpenMode::kRead);
  };
  auto file = co_await platform.tasks.offload(work);
  if (!file.ok()) co_return std::move(file).error();
  wire::Body body =
      std::make_shared<PlainFileBody>(platform.tasks, std::move(file).value(), offset, length);
  co_return body;
}

}  // namespace tarn::s3
