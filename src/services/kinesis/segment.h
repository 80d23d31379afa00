// Segments: the files of a shard's log, and their sparse indexes beside them.
//
// Place: kinesis, on-disk formats; described in docs/formats/kinesis-log.md (version 1).
// Threads: a Segment is safe from any thread; the rest are values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/files.h"
#include "services/kinesis/sequence.h"

namespace tarn::kinesis {

struct SegmentHeader {
  static constexpr std::size_t kBytes = 64;
  static constexpr std::string_view kMagic = "TARNKSEG";
  static constexpr std::uint32_t kVersion = 1;

  ShardOrigin origin;
  Counter base = 1;  // counter of the first record that the segment may hold
  std::int64_t created_ms = 0;
  std::int64_t last_before_ms = 0;  // when the newest record of all earlier segments came

  [[nodiscard]] std::array<char, kBytes> encode() const;
  // nullopt when the bytes are no header of this version or its checksum does not hold.
  [[nodiscard]] static std::optional<SegmentHeader> decode(std::string_view bytes);
};

// Where a batch begins. Written to the index only once the batch is on disk.
struct IndexEntry {
  static constexpr std::size_t kBytes = 32;

  Counter first = 0;
  std::uint64_t offset = 0;
  std::int64_t arrived_ms = 0;

  [[nodiscard]] std::array<char, kBytes> encode() const;
  [[nodiscard]] static std::optional<IndexEntry> decode(std::string_view bytes);
};

using Index = std::vector<IndexEntry>;

// The last entry whose counter is at most `counter`, or whose time is before `ms`; nullopt when
// there is none: begin behind the segment's header.
[[nodiscard]] std::optional<IndexEntry> entry_for_counter(const Index& index, Counter counter);
[[nodiscard]] std::optional<IndexEntry> entry_before_time(const Index& index, std::int64_t ms);

// The entries of an index file up to the first that does not hold; none when there is no file: an
// index is a shortcut, never the truth.
[[nodiscard]] Index read_index(platform::Files& files, const std::string& path);

// "<20 digits>.seg" and its counter; nullopt for any other name.
[[nodiscard]] std::string segment_name(Counter base);
[[nodiscard]] std::optional<Counter> parse_segment_name(std::string_view name);

class Segment {
 public:
  Segment(platform::Files& files, const std::string& directory, Counter base);

  [[nodiscard]] Counter base() const { return base_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& index_path() const { return index_path_; }

  // The open file; opened for reading at the first call. Errors: kNotFound, kIo.
  [[nodiscard]] Result<std::shared_ptr<platform::File>> file();
  // Makes `file` (the writer's) the one that readers use.
  void adopt(std::shared_ptr<platform::File> file);
  // Lets go of the file until it is asked for again.
  void release();

  // When the newest record of the earlier segments came, from the header. Errors: kIo, kNotFound,
  // kCorrupt.
  [[nodiscard]] Result<std::int64_t> last_before_ms();

 private:
  platform::Files& files_;
  const Counter base_;
  const std::string path_;
  const std::string index_path_;
  std::mutex mutex_;
  std::shared_ptr<platform::File> file_;
  std::optional<std::int64_t> last_before_ms_;
};

// kCorrupt with the file and the offset in its message.
[[nodiscard]] Error corrupt(const std::string& path, std::uint64_t offset, std::string_view what);

}  // namespace tarn::kinesis
