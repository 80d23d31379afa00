// BodyFile: one body in one file, with a checksum beside every block.
//
// Place: services/s3; format in docs/formats/s3.md.
// Threads: for one thread at a time; every call blocks (run it on the blocking pool).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/files.h"

namespace tarn::s3 {

inline constexpr std::size_t kBlockBytes = 64 << 10;
// What one step of a transfer moves: whole blocks.
inline constexpr std::size_t kPieceBytes = 1 << 20;

class BodyFileWriter {
 public:
  // Errors: kIo, kExists, kDiskFull.
  [[nodiscard]] static Result<BodyFileWriter> create(platform::Files& files,
                                                     const std::string& path);

  // Every piece but the last is a multiple of kBlockBytes. Errors: kIo, kDiskFull.
  Status append(std::string_view piece);
  // Writes the table of checksums; all is on the disk when it returns. Errors: kIo, kDiskFull.
  Status finish();

 private:
  explicit BodyFileWriter(std::unique_ptr<platform::File> file) : file_(std::move(file)) {}

  std::unique_ptr<platform::File> file_;
  std::vector<std::uint32_t> checksums_;
  std::uint64_t size_ = 0;
};

class BodyFileReader {
 public:
  // `size`: of the body, as its record says. Errors: kNotFound, kIo, kCorrupt (another length).
  [[nodiscard]] static Result<BodyFileReader> open(platform::Files& files, const std::string& path,
                                                   std::uint64_t size);

  // Bytes [offset, offset + length) of the body, which lie within it; every block they touch is
  // checked. Errors: kIo, kCorrupt.
  Status read(std::uint64_t offset, std::size_t length, std::string& out);

 private:
  BodyFileReader(std::unique_ptr<platform::File> file, std::string path, std::uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size) {}

  std::unique_ptr<platform::File> file_;
  std::string path_;
  std::uint64_t size_;
};

}  // namespace tarn::s3
