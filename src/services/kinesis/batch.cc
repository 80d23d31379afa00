#include "services/kinesis/batch.h"

#include <algorithm>
#include <cstring>

#include "services/kinesis/crc32c.h"
#include "services/kinesis/fields.h"

namespace tarn::kinesis {

namespace {

constexpr std::size_t kHeaderCrcAt = 4;
constexpr std::size_t kCheckedFrom = 8;

std::uint32_t header_crc(const char* bytes) {
  return crc32c({bytes + kCheckedFrom, BatchHeader::kBytes - kCheckedFrom});
}

}  // namespace

std::array<char, BatchHeader::kBytes> BatchHeader::encode() const {
  std::array<char, kBytes> bytes{};
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  store_at(bytes.data(), 8, payload_crc);
  store_at(bytes.data(), 12, payload_bytes);
  store_at(bytes.data(), 16, first);
  store_at(bytes.data(), 24, arrived_ms);
  store_at(bytes.data(), 32, records);
  store_at(bytes.data(), 36, flags);
  store_at(bytes.data(), 40, commit_offset);
  store_at(bytes.data(), kHeaderCrcAt, header_crc(bytes.data()));
  return bytes;
}

std::optional<BatchHeader> BatchHeader::decode(std::string_view bytes) {
  if (bytes.size() < kBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  if (load_at<std::uint32_t>(bytes, kHeaderCrcAt) != header_crc(bytes.data())) {
    return std::nullopt;
  }
  BatchHeader header;
  header.payload_crc = load_at<std::uint32_t>(bytes, 8);
  header.payload_bytes = load_at<std::uint32_t>(bytes, 12);
  header.first = load_at<Counter>(bytes, 16);
  header.arrived_ms = load_at<std::int64_t>(bytes, 24);
  header.records = load_at<std::uint32_t>(bytes, 32);
  header.flags = load_at<std::uint32_t>(bytes, 36);
  header.commit_offset = load_at<std::uint64_t>(bytes, 40);
  return header;
}

void RecordPack::reserve(std::size_t bytes) {
  if (pieces_.empty()) pieces_.emplace_back();
  pieces_.back().bytes.reserve(std::min(bytes, kBatchBytes));
}

void RecordPack::add(std::string_view partition_key, std::string_view data) {
  const std::size_t size = kRecordOverhead + partition_key.size() + data.size();
  if (pieces_.empty() ||
      (pieces_.back().records > 0 && pieces_.back().bytes.size() + size > kBatchBytes)) {
    pieces_.emplace_back();
  }
  Piece& piece = pieces_.back();
  std::array<char, kRecordOverhead> lengths{};
  store_at(lengths.data(), 0, static_cast<std::uint32_t>(data.size()));
  store_at(lengths.data(), 4, static_cast<std::uint16_t>(partition_key.size()));
  piece.bytes.append(lengths.data(), lengths.size()).append(partition_key).append(data);
  ++piece.records;
  ++records_;
  bytes_ += size;
}

std::optional<RecordView> PayloadReader::next() {
  if (rest_.size() < RecordPack::kRecordOverhead) return std::nullopt;
  const std::size_t data_bytes = load_at<std::uint32_t>(rest_, 0);
  const std::size_t key_bytes = load_at<std::uint16_t>(rest_, 4);
  if (rest_.size() - RecordPack::kRecordOverhead < data_bytes + key_bytes) return std::nullopt;
  const std::string_view key = rest_.substr(RecordPack::kRecordOverhead, key_bytes);
  const std::string_view data = rest_.substr(RecordPack::kRecordOverhead + key_bytes, data_bytes);
  rest_.remove_prefix(RecordPack::kRecordOverhead + key_bytes + data_bytes);
  return RecordView{key, data};
}

}  // namespace tarn::kinesis
