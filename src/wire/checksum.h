// Checksums of bodies as S3 names and sends them, and the CRC32C that guards tarn's own files.
//
// Place: wire. S3 checks what clients declare with it; the log and the object store keep its CRC32C
// beside their data. Threads: a Checksum belongs to one thread at a time; the functions are pure.
//
// Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
// (algorithms, base64 of the big-endian value, full-object and composite values); CRC-32 and
// CRC-64/NVME as in https://reveng.sourceforge.io/crc-catalogue/all.htm (CRC-32/ISO-HDLC,
// CRC-32/ISCSI, CRC-64/NVME).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wire/md5.h"

namespace tarn::wire {

enum class ChecksumAlgorithm : std::uint8_t {
  kCrc32,
  kCrc32c,
  kCrc64Nvme,
  kSha1,
  kSha256,
  kSha512,
  kMd5
};

inline constexpr std::array kChecksumAlgorithms = {
    ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kCrc64Nvme,
    ChecksumAlgorithm::kSha1,  ChecksumAlgorithm::kSha256, ChecksumAlgorithm::kSha512,
    ChecksumAlgorithm::kMd5};

// "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5": as in
// x-amz-checksum-algorithm.
[[nodiscard]] std::string_view checksum_name(ChecksumAlgorithm algorithm);
// By that name, upper or lower case; nullopt for any other.
[[nodiscard]] std::optional<ChecksumAlgorithm> find_checksum(std::string_view name);
// Length of the binary value in bytes.
[[nodiscard]] std::size_t checksum_size(ChecksumAlgorithm algorithm);
// Whether the values of two parts give the value of the whole (combine_crc).
[[nodiscard]] bool is_crc(ChecksumAlgorithm algorithm);

// The value of a stream of bytes under one algorithm.
class Checksum {
 public:
  explicit Checksum(ChecksumAlgorithm algorithm);
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  ~Checksum();

  [[nodiscard]] ChecksumAlgorithm algorithm() const { return algorithm_; }
  void update(std::string_view data);
  // The stream of a kMd5, to be advanced together with others; null for another algorithm.
  [[nodiscard]] Md5* md5() { return md5_ ? &*md5_ : nullptr; }
  // The binary value, big-endian, of all that was added so far; adding may go on.
  [[nodiscard]] std::string digest() const;
  // The same in base64, as headers carry it.
  [[nodiscard]] std::string base64() const;

 private:
  struct Hash;  // an OpenSSL digest

  ChecksumAlgorithm algorithm_;
  std::uint64_t crc_ = 0;
  std::optional<Md5> md5_;
  std::unique_ptr<Hash> hash_;  // of SHA
};

// CRCs of `data`, continued from `before`, the value of what came before it.
[[nodiscard]] std::uint32_t crc32(std::string_view data, std::uint32_t before = 0);
[[nodiscard]] std::uint32_t crc32c(std::string_view data, std::uint32_t before = 0);
[[nodiscard]] std::uint64_t crc64nvme(std::string_view data, std::uint64_t before = 0);

// The binary value of two pieces in a row, from their values and the length of the second. For
// is_crc() algorithms only.
[[nodiscard]] std::string combine_crc(ChecksumAlgorithm algorithm, std::string_view first,
                                      std::string_view second, std::uint64_t second_length);

}  // namespace tarn::wire
