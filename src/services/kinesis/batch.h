// Batches: how records lie in a segment, and the packs in which they come to be written.
//
// Place: kinesis, on-disk formats; described in docs/formats/kinesis-log.md (version 1).
// Threads: values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/kinesis/sequence.h"

namespace tarn::kinesis {

// A batch closes when it has this many bytes: a reader checks whole batches, so small reads want
// small ones.
inline constexpr std::size_t kBatchBytes = 256U << 10;

struct BatchHeader {
  static constexpr std::size_t kBytes = 48;
  static constexpr std::string_view kMagic = "TKB1";

  std::uint32_t payload_crc = 0;
  std::uint32_t payload_bytes = 0;
  Counter first = 0;
  std::int64_t arrived_ms = 0;
  std::uint32_t records = 0;
  std::uint32_t flags = 0;  // batch_cipher.h
  // Offset in the segment where the commit that wrote this batch began: all before it was on disk
  // already.
  std::uint64_t commit_offset = 0;

  [[nodiscard]] std::array<char, kBytes> encode() const;
  // nullopt when `bytes` does not begin with a whole header whose checksum holds.
  [[nodiscard]] static std::optional<BatchHeader> decode(std::string_view bytes);

  [[nodiscard]] std::uint64_t total_bytes() const { return kBytes + payload_bytes; }
  [[nodiscard]] Counter end() const { return first + records; }
};

// Records encoded for one shard, in pieces that become batches.
class RecordPack {
 public:
  static constexpr std::size_t kRecordOverhead = 8;

  struct Piece {
    std::string bytes;
    std::uint32_t records = 0;
  };

  // Makes room for `bytes` (keys, data and kRecordOverhead a record).
  void reserve(std::size_t bytes);
  // `partition_key` at most 65,535 bytes, `data` below 4 GiB.
  void add(std::string_view partition_key, std::string_view data);

  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t records() const { return records_; }

 private:
  std::vector<Piece> pieces_;
  std::size_t bytes_ = 0;
  std::size_t records_ = 0;
};

struct RecordView {
  std::string_view partition_key;
  std::string_view data;
};

// Walks the records of a batch's payload.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : rest_(payload) {}
  // The next record; nullopt at the end, or where the payload is not made of whole records.
  [[nodiscard]] std::optional<RecordView> next();
  // Whether everything was read.
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace tarn::kinesis
