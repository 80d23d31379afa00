#include "services/s3/range.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace tarn::s3 {
namespace {

constexpr std::string_view kUnit = "bytes=";

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

tarn::Error not_satisfiable(std::string_view header, std::uint64_t size) {
  tarn::Error error("InvalidRange", "The requested range is not satisfiable", 416);
  error.details.emplace_back("RangeRequested", header);
  error.details.emplace_back("ActualObjectSize", std::to_string(size));
  error.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
  return error;
}

}  // namespace

Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size) {
  const std::optional<ByteRange> whole;
  if (!header.starts_with(kUnit)) return whole;
  const std::string_view spec = header.substr(kUnit.size());
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return whole;
  const auto last = number(spec.substr(dash + 1));
  if (dash == 0) {
    if (!last) return whole;
    if (*last == 0 || size == 0) return not_satisfiable(header, size);
    const std::uint64_t length = std::min(*last, size);
    return std::optional(ByteRange{size - length, length});
  }
  const auto first = number(spec.substr(0, dash));
  const bool open_end = dash + 1 == spec.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return whole;
  if (*first >= size) return not_satisfiable(header, size);
  const std::uint64_t end = open_end ? size : std::min(*last, size - 1) + 1;
  return std::optional(ByteRange{*first, end - *first});
}

Result<ByteRange> parse_copy_range(std::string_view header, std::uint64_t size) {
  const std::size_t dash = header.find('-');
  if (header.starts_with(kUnit) && dash != std::string_view::npos) {
    const auto first = number(header.substr(kUnit.size(), dash - kUnit.size()));
    const auto last = number(header.substr(dash + 1));
    if (first && last && *first <= *last) {
      if (*last < size) return ByteRange{*first, *last - *first + 1};
      return tarn::Error(
          "InvalidArgument",
          fmt::format("Range specified is not valid for source object of size: {}", size));
    }
  }
  return tarn::Error("InvalidArgument",
                     "The x-amz-copy-source-range value must be of the form bytes=first-last where "
                     "first and last are the zero-based offsets of the first and last bytes to "
                     "copy");
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.length - 1, size);
}

}  // namespace tarn::s3
