#include "services/kinesis/segment.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "services/kinesis/crc32c.h"
#include "services/kinesis/fields.h"

namespace tarn::kinesis {

namespace {

constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kNameDigits = 20;

}  // namespace

std::array<char, SegmentHeader::kBytes> SegmentHeader::encode() const {
  std::array<char, kBytes> bytes{};
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  store_at(bytes.data(), 8, kVersion);
  store_at(bytes.data(), 16, origin.epoch_ms);
  store_at(bytes.data(), 24, origin.shard);
  store_at(bytes.data(), 32, base);
  store_at(bytes.data(), 40, created_ms);
  store_at(bytes.data(), 48, last_before_ms);
  store_at(bytes.data(), 12, crc32c({bytes.data() + 16, kBytes - 16}));
  return bytes;
}

std::optional<SegmentHeader> SegmentHeader::decode(std::string_view bytes) {
  if (bytes.size() < kBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  if (load_at<std::uint32_t>(bytes, 8) != kVersion) return std::nullopt;
  if (load_at<std::uint32_t>(bytes, 12) != crc32c(bytes.substr(16, kBytes - 16))) {
    return std::nullopt;
  }
  SegmentHeader header;
  header.origin.epoch_ms = load_at<std::uint64_t>(bytes, 16);
  header.origin.shard = load_at<std::uint32_t>(bytes, 24);
  header.base = load_at<Counter>(bytes, 32);
  header.created_ms = load_at<std::int64_t>(bytes, 40);
  header.last_before_ms = load_at<std::int64_t>(bytes, 48);
  return header;
}

std::array<char, IndexEntry::kBytes> IndexEntry::encode() const {
  std::array<char, kBytes> bytes{};
  store_at(bytes.data(), 0, first);
  store_at(bytes.data(), 8, offset);
  store_at(bytes.data(), 16, arrived_ms);
  store_at(bytes.data(), 24, crc32c({bytes.data(), 24}));
  return bytes;
}

std::optional<IndexEntry> IndexEntry::decode(std::string_view bytes) {
  if (bytes.size() < kBytes || load_at<std::uint32_t>(bytes, 24) != crc32c(bytes.substr(0, 24))) {
    return std::nullopt;
  }
  return IndexEntry{load_at<Counter>(bytes, 0), load_at<std::uint64_t>(bytes, 8),
                    load_at<std::int64_t>(bytes, 16)};
}

std::optional<IndexEntry> entry_for_counter(const Index& index, Counter counter) {
  const auto after = std::upper_bound(index.begin(), index.end(), counter,
                                      [](Counter c, const IndexEntry& e) { return c < e.first; });
  if (after == index.begin()) return std::nullopt;
  return *std::prev(after);
}

std::optional<IndexEntry> entry_before_time(const Index& index, std::int64_t ms) {
  const auto after =
      std::lower_bound(index.begin(), index.end(), ms,
                       [](const IndexEntry& e, std::int64_t time) { return e.arrived_ms < time; });
  if (after == index.begin()) return std::nullopt;
  return *std::prev(after);
}

Index read_index(platform::Files& files, const std::string& path) {
  Index index;
  const Result<std::string> bytes = files.read(path);
  if (!bytes.ok()) return index;
  for (std::size_t at = 0; at < bytes->size(); at += IndexEntry::kBytes) {
    const auto entry = IndexEntry::decode(std::string_view(*bytes).substr(at));
    if (!entry || (!index.empty() && entry->first <= index.back().first)) break;
    index.push_back(*entry);
  }
  return index;
}

std::string segment_name(Counter base) {
  return fmt::format("{:020}{}", base, kSuffix);
}

std::optional<Counter> parse_segment_name(std::string_view name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  Counter base = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kNameDigits, base);
  if (error != std::errc() || end != name.data() + kNameDigits) return std::nullopt;
  return base;
}

Segment::Segment(platform::Files& files, const std::string& directory, Counter base)
    : files_(files),
      base_(base),
      path_(directory + "/" + segment_name(base)),
      index_path_(path_.substr(0, path_.size() - kSuffix.size()) + ".idx") {}

Result<std::shared_ptr<platform::File>> Segment::file() {
  const std::lock_guard lock(mutex_);
  if (!file_) {
    TARN_TRY(file_, files_.open(path_, platform::OpenMode::kRead));
  }
  return file_;
}

void Segment::adopt(std::shared_ptr<platform::File> file) {
  const std::lock_guard lock(mutex_);
  file_ = std::move(file);
}

void Segment::release() {
  const std::lock_guard lock(mutex_);
  file_.reset();
}

Result<std::int64_t> Segment::last_before_ms() {
  {
    const std::lock_guard lock(mutex_);
    if (last_before_ms_) return *last_before_ms_;
  }
  TARN_TRY(const std::shared_ptr<platform::File> opened, file());
  std::string bytes;
  TARN_CHECK(opened->read_at(0, SegmentHeader::kBytes, bytes));
  const auto header = SegmentHeader::decode(bytes);
  if (!header) return corrupt(path_, 0, "the segment's header does not hold");
  const std::lock_guard lock(mutex_);
  last_before_ms_ = header->last_before_ms;
  return header->last_before_ms;
}

Error corrupt(const std::string& path, std::uint64_t offset, std::string_view what) {
  return {code::kCorrupt, fmt::format("{} is damaged at offset {}: {}", path, offset, what)};
}

}  // namespace tarn::kinesis
