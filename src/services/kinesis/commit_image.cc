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
      if (piece.records > 0) add(piece, append->cipher.get());
    }
  }
  close_batch();
}

void CommitImage::add(const RecordPack::Piece& piece, const BatchCipher* cipher) {
  const bool full = open_.payload_bytes + piece.bytes.size() > kBatchBytes;
  if (open_.records > 0 && (full || cipher != cipher_)) close_batch();
  if (open_.records == 0) {
    open_ = BatchHeader();
    open_.first = next_;
    cipher_ = cipher;
    header_part_ = parts_.size();
    parts_.emplace_back();
  }
  parts_.emplace_back(piece.bytes);
  if (cipher_ == nullptr) open_.payload_crc = crc32c(piece.bytes, open_.payload_crc);
  open_.payload_bytes += static_cast<std::uint32_t>(piece.bytes.size());
  open_.records += piece.records;
  next_ += piece.records;
}

void CommitImage::close_batch() {
  if (open_.records == 0) return;
  open_.arrived_ms = arrived_ms_;
  open_.commit_offset = offset_;
  if (cipher_ != nullptr) seal();
  headers_.push_back(open_.encode());
  parts_[header_part_] = {headers_.back().data(), headers_.back().size()};
  batches_.push_back({open_.first, offset_ + bytes_, arrived_ms_});
  bytes_ += open_.total_bytes();
  open_ = BatchHeader();
}

void CommitImage::seal() {
  open_.flags = cipher_->flags();
  const std::span<const std::string_view> plain = std::span(parts_).subspan(header_part_ + 1);
  const std::string& payload = sealed_.emplace_back(cipher_->seal(open_, plain));
  parts_.resize(header_part_ + 1);
  parts_.emplace_back(payload);
  open_.payload_crc = crc32c(payload);
  open_.payload_bytes = static_cast<std::uint32_t>(payload.size());
}

}  // namespace tarn::kinesis
