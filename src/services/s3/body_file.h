// BodyFile: one body in one file, with a checksum or a seal beside every block.
//
// Place: services/s3; format in docs/formats/s3.md.
// Threads: for one thread at a time; every call blocks (run it on the blocking pool).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/files.h"
#include "services/s3/body_seal.h"

namespace tarn::s3 {

inline constexpr std::size_t kBlockBytes = 64 << 10;
// What one step of a transfer moves: whole blocks.
inline constexpr std::size_t kPieceBytes = 1 << 20;

class BodyFileWriter {
 public:
  // With `seal` the blocks are encrypted. Errors: kIo, kExists, kDiskFull.
  [[nodiscard]] static Result<BodyFileWriter> create(platform::Files& files,
                                                     const std::string& path,
                                                     std::optional<BodySeal> seal = std::nullopt);

  // Every piece but the last is a multiple of kBlockBytes. A sealed one is encrypted where it lies.
  // Errors: kIo, kDiskFull.
  Status append(std::span<char> piece);
  // Writes the table of checksums or seals; all is on the disk when it returns. Errors: kIo,
  // kDiskFull.
  Status finish();

 private:
  BodyFileWriter(std::unique_ptr<platform::File> file, std::optional<BodySeal> seal)
      : file_(std::move(file)), seal_(std::move(seal)) {}

  std::unique_ptr<platform::File> file_;
  std::optional<BodySeal> seal_;
  std::string table_;
  std::uint64_t blocks_ = 0;
  std::uint64_t size_ = 0;
};

class BodyFileReader {
 public:
  // `size`: of the body, as its record says; `seal`: of a sealed one. Errors: kNotFound, kIo,
  // kCorrupt (another length).
  [[nodiscard]] static Result<BodyFileReader> open(platform::Files& files, const std::string& path,
                                                   std::uint64_t size,
                                                   std::optional<BodySeal> seal = std::nullopt);

  // Bytes [offset, offset + length) of the body, which lie within it; every block they touch is
  // checked. Errors: kIo, kCorrupt.
  Status read(std::uint64_t offset, std::size_t length, std::string& out);

 private:
  BodyFileReader(std::unique_ptr<platform::File> file, std::string path, std::uint64_t size,
                 std::optional<BodySeal> seal)
      : file_(std::move(file)), path_(std::move(path)), size_(size), seal_(std::move(seal)) {}

  [[nodiscard]] std::size_t entry_bytes() const;
  // Checks a block against its entry of the table, and decrypts it where it is sealed.
  [[nodiscard]] bool take(std::uint64_t number, std::span<char> block, std::string_view entry);

  std::unique_ptr<platform::File> file_;
  std::string path_;
  std::uint64_t size_;
  std::optional<BodySeal> seal_;
};

}  // namespace tarn::s3
