// CommitImage: the packs of one commit as the bytes that go to the segment, in one gathered write.
//
// Place: kinesis, log. Threads: a value.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "services/kinesis/append.h"
#include "services/kinesis/batch.h"
#include "services/kinesis/segment.h"

namespace tarn::kinesis {

class CommitImage {
 public:
  // Numbers the packs' records from `first` on, stamps them `arrived_ms` and lays them out from
  // `offset`. The packs must outlive the image.
  CommitImage(std::span<Append* const> packs, Counter first, std::int64_t arrived_ms,
              std::uint64_t offset);

  [[nodiscard]] std::span<const std::string_view> parts() const { return parts_; }
  [[nodiscard]] const std::vector<IndexEntry>& batches() const { return batches_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] Counter end() const { return next_; }

 private:
  void add(const RecordPack::Piece& piece, const BatchCipher* cipher);
  void close_batch();
  void seal();

  const std::int64_t arrived_ms_;
  const std::uint64_t offset_;
  std::uint64_t bytes_ = 0;
  Counter next_;
  BatchHeader open_;
  const BatchCipher* cipher_ = nullptr;  // of the open batch
  std::size_t header_part_ = 0;          // where in parts_ the open batch's header will stand
  std::deque<std::array<char, BatchHeader::kBytes>> headers_;
  std::deque<std::string> sealed_;
  std::vector<std::string_view> parts_;
  std::vector<IndexEntry> batches_;
};

}  // namespace tarn::kinesis
