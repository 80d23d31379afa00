#include "services/s3/body_file.h"

#include <algorithm>
#include <utility>

#include "wire/checksum.h"

namespace tarn::s3 {
namespace {

// Ends every body file: the version of the format, then the length of the body.
constexpr std::string_view kMagic = "TARNS3B1";
constexpr std::size_t kTailBytes = 16;

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

Error damaged(const std::string& path, std::string_view how) {
  return Error(code::kCorrupt, path + " is damaged: " + std::string(how));
}

}  // namespace

Result<BodyFileWriter> BodyFileWriter::create(platform::Files& files, const std::string& path) {
  TARN_TRY(auto file, files.open(path, platform::OpenMode::kCreateNew));
  return BodyFileWriter(std::move(file));
}

Status BodyFileWriter::append(std::string_view piece) {
  for (std::size_t at = 0; at < piece.size(); at += kBlockBytes) {
    checksums_.push_back(wire::crc32c(piece.substr(at, kBlockBytes)));
  }
  size_ += piece.size();
  return file_->append(piece);
}

Status BodyFileWriter::finish() {
  std::string table;
  table.reserve(checksums_.size() * 4 + kTailBytes);
  for (const std::uint32_t checksum : checksums_) append_little_endian(table, checksum, 4);
  table.append(kMagic);
  append_little_endian(table, size_, 8);
  TARN_CHECK(file_->append(table));
  return file_->sync();
}

Result<BodyFileReader> BodyFileReader::open(platform::Files& files, const std::string& path,
                                            std::uint64_t size) {
  TARN_TRY(auto file, files.open(path, platform::OpenMode::kRead));
  TARN_TRY(const std::uint64_t length, file->size());
  if (length != size + block_count(size) * 4 + kTailBytes) {
    return damaged(path, "it is " + std::to_string(length) + " bytes long");
  }
  return BodyFileReader(std::move(file), path, size);
}

Status BodyFileReader::read(std::uint64_t offset, std::size_t length, std::string& out) {
  const std::uint64_t first = offset / kBlockBytes;
  const std::uint64_t last = block_count(offset + length);  // one past
  const std::uint64_t start = first * kBlockBytes;
  const auto wanted = static_cast<std::size_t>(std::min(last * kBlockBytes, size_) - start);
  std::string table;
  TARN_CHECK(file_->read_at(size_ + first * 4, static_cast<std::size_t>(last - first) * 4, table));
  TARN_CHECK(file_->read_at(start, wanted, out));
  if (out.size() != wanted || table.size() != (last - first) * 4) {
    return damaged(path_, "it ends early");
  }
  for (std::size_t i = 0; i < last - first; ++i) {
    const std::string_view block = std::string_view(out).substr(i * kBlockBytes, kBlockBytes);
    if (wire::crc32c(block) != from_little_endian(std::string_view(table).substr(i * 4, 4))) {
      out.clear();
      return damaged(path_,
                     "the checksum of block " + std::to_string(first + i) + " does not hold");
    }
  }
  out.resize(static_cast<std::size_t>(offset - start) + length);
  out.erase(0, static_cast<std::size_t>(offset - start));
  return {};
}

}  // namespace tarn::s3
