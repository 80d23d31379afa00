#include "services/livy/log_tail.h"

namespace tarn::livy {

namespace {

Result<std::string> read_tail(platform::File& file, std::uint64_t bytes) {
  TARN_TRY(const std::uint64_t size, file.size());
  const std::uint64_t offset = size > bytes ? size - bytes : 0;
  std::string text;
  TARN_CHECK(file.read_at(offset, static_cast<std::size_t>(size - offset), text));
  // A line cut in two at the beginning is left out.
  if (offset > 0) {
    const std::size_t newline = text.find('\n');
    if (newline != std::string::npos) text.erase(0, newline + 1);
  }
  return text;
}

}  // namespace

std::vector<std::string> log_tail(platform::Files& files, const std::string& path,
                                  std::uint64_t bytes) {
  std::vector<std::string> lines;
  auto file = files.open(path, platform::OpenMode::kRead);
  if (!file.ok()) return lines;
  const auto text = read_tail(**file, bytes);
  if (!text.ok()) return lines;
  std::size_t begin = 0;
  while (begin < text->size()) {
    const std::size_t newline = text->find('\n', begin);
    lines.push_back(text->substr(begin, newline - begin));
    if (newline == std::string::npos) break;
    begin = newline + 1;
  }
  if (lines.size() > kLogLines) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kLogLines));
  }
  return lines;
}

Status bound_log(platform::Files& files, const std::string& path) {
  auto opened = files.open(path, platform::OpenMode::kReadWrite);
  if (!opened.ok()) return opened.error().is(code::kNotFound) ? Status() : opened.error();
  platform::File& file = **opened;
  TARN_TRY(const std::uint64_t size, file.size());
  if (size <= kLogFileBytes) return {};
  TARN_TRY(const std::string tail, read_tail(file, kLogTailBytes));
  TARN_CHECK(file.truncate(0));
  return file.write_at(0, "tarn: older lines of this log were dropped\n" + tail);
}

}  // namespace tarn::livy
