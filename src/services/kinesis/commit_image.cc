#include "services/kinesis/commit_image.h"

#include "services/kinesis/crc32c.h"

namespace tarn::kinesis {

CommitImage::CommitImage(std::span<Append* const> packs, Counter first, std::int64_t arrived_ms,
                         std::uint64_t offset)
    : arrived_ms_(arrived_ms), offset_(offset), next_(first) {
  for (Append* const append : packs) {
    append->first = next_;
    append->arrived = {arrived_ms};
    for (const RecordPack::Piece& piece : append->pack.pieces()) {
      if (piece.records > 0) add(piece);
    }
  }
  close_batch();
}

void CommitImage::add(const RecordPack::Piece& piece) {
  if (open_.records > 0 && open_.payload_bytes + piece.bytes.size() > kBatchBytes) close_batch();
  if (open_.records == 0) {
    open_ = BatchHeader();
    open_.first = next_;
    header_part_ = parts_.size();
    parts_.emplace_back();
  }
  parts_.emplace_back(piece.bytes);
  open_.payload_crc = crc32c(piece.bytes, open_.payload_crc);
  open_.payload_bytes += static_cast<std::uint32_t>(piece.bytes.size());
  open_.records += piece.records;
  next_ += piece.records;
}

void CommitImage::close_batch() {
  if (open_.records == 0) return;
  open_.arrived_ms = arrived_ms_;
  open_.commit_offset = offset_;
  headers_.push_back(open_.encode());
  parts_[header_part_] = {headers_.back().data(), headers_.back().size()};
  batches_.push_back({open_.first, offset_ + bytes_, arrived_ms_});
  bytes_ += open_.total_bytes();
  open_ = BatchHeader();
}

}  // namespace tarn::kinesis
