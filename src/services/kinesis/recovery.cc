#include "services/kinesis/recovery.h"

#include <algorithm>
#include <optional>

#include "services/kinesis/batch.h"
#include "services/kinesis/crc32c.h"

namespace tarn::kinesis {

namespace {

class Scan {
 public:
  Scan(platform::File& file, std::uint64_t size, std::uint64_t index_bytes)
      : file_(file), size_(size), index_bytes_(index_bytes) {}

  // Walks whole batches from `at` (counter `expected`) on; leaves found.bytes where the first that
  // does not hold would begin.
  Status walk(std::uint64_t at, Counter expected, RecoveredSegment& found) {
    found.bytes = at;
    found.end = expected;
    for (;;) {
      TARN_TRY(const std::optional<BatchHeader> header, whole_batch(found.bytes, found.end));
      if (!header) return {};
      note(*header, found);
      found.bytes += header->total_bytes();
      found.end = header->end();
      found.last_arrived_ms = header->arrived_ms;
    }
  }

  // Whether a batch behind `from` was written when `from` was already on disk.
  Result<bool> later_commit_behind(std::uint64_t from) {
    constexpr std::size_t kWindow = 1U << 20;
    for (std::uint64_t at = from + 1; at < size_; at += kWindow) {
      std::string window;
      TARN_CHECK(file_.read_at(at, kWindow + BatchHeader::kBytes - 1, window));
      for (std::size_t hit = window.find(BatchHeader::kMagic); hit != std::string::npos;
           hit = window.find(BatchHeader::kMagic, hit + 1)) {
        const auto header = BatchHeader::decode(std::string_view(window).substr(hit));
        if (header && header->commit_offset > from && header->commit_offset <= at + hit)
          return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::uint64_t scanned() const { return scanned_; }

 private:
  Result<std::optional<BatchHeader>> whole_batch(std::uint64_t at, Counter expected) {
    if (at >= size_) return std::optional<BatchHeader>();
    TARN_CHECK(file_.read_at(at, BatchHeader::kBytes + kBatchBytes, buffer_));
    const auto header = BatchHeader::decode(buffer_);
    if (!header || header->first != expected || at + header->total_bytes() > size_) {
      return std::optional<BatchHeader>();
    }
    if (header->total_bytes() > buffer_.size()) {
      TARN_CHECK(file_.read_at(at, header->total_bytes(), buffer_));
    }
    scanned_ += header->total_bytes();
    const std::string_view payload =
        std::string_view(buffer_).substr(BatchHeader::kBytes, header->payload_bytes);
    if (crc32c(payload) != header->payload_crc) return std::optional<BatchHeader>();
    return header;
  }

  void note(const BatchHeader& header, RecoveredSegment& found) const {
    const Index& known = found.missing.empty() ? found.index : found.missing;
    const std::uint64_t last = known.empty() ? 0 : known.back().offset;
    if (found.bytes < last + index_bytes_) return;
    found.missing.push_back({header.first, found.bytes, header.arrived_ms});
  }

  platform::File& file_;
  const std::uint64_t size_;
  const std::uint64_t index_bytes_;
  std::uint64_t scanned_ = 0;
  std::string buffer_;
};

// nullopt: no whole header.
Result<std::optional<SegmentHeader>> read_header(platform::File& file, const Segment& segment,
                                                 const ShardOrigin& origin) {
  std::string bytes;
  TARN_CHECK(file.read_at(0, SegmentHeader::kBytes, bytes));
  const auto header = SegmentHeader::decode(bytes);
  if (header && (header->origin != origin || header->base != segment.base())) {
    return corrupt(segment.path(), 0, "the segment belongs to another shard or place");
  }
  return header;
}

}  // namespace

Result<RecoveredSegment> recover_segment(platform::Files& files, platform::File& file,
                                         const Segment& segment, const ShardOrigin& origin,
                                         std::uint64_t index_bytes) {
  TARN_TRY(const std::uint64_t size, file.size());
  TARN_TRY(const std::optional<SegmentHeader> header, read_header(file, segment, origin));
  Scan scan(file, size, index_bytes);
  RecoveredSegment found;
  if (header) {
    found.index = read_index(files, segment.index_path());
    // An entry is written after the batch it names is on disk: one past the end tells of lost data.
    const IndexEntry from = found.index.empty()
                                ? IndexEntry{segment.base(), SegmentHeader::kBytes, 0}
                                : found.index.back();
    found.last_arrived_ms = std::max(from.arrived_ms, header->last_before_ms);
    found.created_ms = header->created_ms;
    TARN_CHECK(scan.walk(from.offset, from.first, found));
    if (!found.index.empty() && found.bytes == from.offset) {
      return corrupt(segment.path(), from.offset, "a batch named by the index is not whole");
    }
  } else {
    found.without_header = true;
    found.end = segment.base();
  }
  TARN_TRY(const bool torn_inside, scan.later_commit_behind(found.bytes));
  if (torn_inside) {
    return corrupt(segment.path(), found.bytes, "a batch does not hold, and later ones follow it");
  }
  found.scanned_bytes = scan.scanned();
  found.cut_bytes = size > found.bytes ? size - found.bytes : 0;
  if (found.cut_bytes > 0) TARN_CHECK(file.truncate(found.bytes));
  TARN_CHECK(file.sync());
  return found;
}

}  // namespace tarn::kinesis
