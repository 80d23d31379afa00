#include "services/s3/body_file.h"

#include <algorithm>
#include <utility>

#include "wire/checksum.h"

namespace tarn::s3 {
namespace {

// Ends every body file: the version of the format, then the length of the body.
constexpr std::string_view kMagic = "TARNS3B1";
constexpr std::string_view kSealedMagic = "TARNS3E1";
constexpr std::size_t kTailBytes = 16;
constexpr std::size_t kChecksumBytes = 4;

void append_little_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

std::uint64_t from_little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::uint64_t block_count(std::uint64_t size) {
  return (size + kBlockBytes - 1) / kBlockBytes;
}

std::span<char> block_at(std::span<char> piece, std::size_t at) {
  return piece.subspan(at, std::min(kBlockBytes, piece.size() - at));
}

std::string_view text_of(std::span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

tarn::Error damaged(const std::string& path, std::string_view how) {
  return tarn::Error(code::kCorrupt, path + " is damaged: " + std::string(how));
}

}  // namespace

Result<BodyFileWriter> BodyFileWriter::create(platform::Files& files, const std::string& path,
                                              std::optional<BodySeal> seal) {
  TARN_TRY(auto file, files.open(path, platform::OpenMode::kCreateNew));
  return BodyFileWriter(std::move(file), std::move(seal));
}

Status BodyFileWriter::append(std::span<char> piece) {
  for (std::size_t at = 0; at < piece.size(); at += kBlockBytes) {
    const std::span<char> block = block_at(piece, at);
    if (seal_) {
      seal_->seal(blocks_, block, table_);
    } else {
      append_little_endian(table_, wire::crc32c(text_of(block)), kChecksumBytes);
    }
    ++blocks_;
  }
  size_ += piece.size();
  return file_->append(text_of(piece));
}

Status BodyFileWriter::finish() {
  if (seal_) table_.append(seal_->seal_length(size_));
  table_.append(seal_ ? kSealedMagic : kMagic);
  append_little_endian(table_, size_, 8);
  TARN_CHECK(file_->append(table_));
  return file_->sync();
}

Result<BodyFileReader> BodyFileReader::open(platform::Files& files, const std::string& path,
                                            std::uint64_t size, std::optional<BodySeal> seal) {
  TARN_TRY(auto file, files.open(path, platform::OpenMode::kRead));
  TARN_TRY(const std::uint64_t length, file->size());
  BodyFileReader reader(std::move(file), path, size, std::move(seal));
  const std::uint64_t tail_at = size + block_count(size) * reader.entry_bytes();
  const std::size_t seal_bytes = reader.seal_ ? kSealTagBytes : 0;
  if (length != tail_at + seal_bytes + kTailBytes) {
    return damaged(path, "it is " + std::to_string(length) + " bytes long");
  }
  if (reader.seal_) {
    std::string tag;
    TARN_CHECK(reader.file_->read_at(tail_at, seal_bytes, tag));
    if (!reader.seal_->check_length(size, tag)) {
      return damaged(path, "the seal of its length does not hold");
    }
  }
  return reader;
}

std::size_t BodyFileReader::entry_bytes() const {
  return seal_ ? kSealTagBytes : kChecksumBytes;
}

bool BodyFileReader::take(std::uint64_t number, std::span<char> block, std::string_view entry) {
  if (seal_) return seal_->open(number, block, entry);
  return wire::crc32c(text_of(block)) == from_little_endian(entry);
}

Status BodyFileReader::read(std::uint64_t offset, std::size_t length, std::string& out) {
  const std::uint64_t first = offset / kBlockBytes;
  const std::uint64_t last = block_count(offset + length);  // one past
  const std::uint64_t start = first * kBlockBytes;
  const auto wanted = static_cast<std::size_t>(std::min(last * kBlockBytes, size_) - start);
  const auto blocks = static_cast<std::size_t>(last - first);
  const std::size_t entry = entry_bytes();
  std::string table;
  TARN_CHECK(file_->read_at(size_ + first * entry, blocks * entry, table));
  TARN_CHECK(file_->read_at(start, wanted, out));
  if (out.size() != wanted || table.size() != blocks * entry) {
    return damaged(path_, "it ends early");
  }
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::string_view expected = std::string_view(table).substr(i * entry, entry);
    if (!take(first + i, block_at(out, i * kBlockBytes), expected)) {
      out.clear();
      return damaged(path_, std::string(seal_ ? "the seal" : "the checksum") + " of block " +
                                std::to_string(first + i) + " does not hold");
    }
  }
  out.resize(static_cast<std::size_t>(offset - start) + length);
  out.erase(0, static_cast<std::size_t>(offset - start));
  return {};
}

}  // namespace tarn::s3
