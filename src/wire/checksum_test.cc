#include "wire/checksum.h"

#include <string>

#include <gtest/gtest.h>

#include "wire/checksum_headers.h"
#include "wire/encoding.h"

namespace tarn::wire {
namespace {

std::string whole(ChecksumAlgorithm algorithm, std::string_view data) {
  Checksum checksum(algorithm);
  checksum.update(data);
  return checksum.digest();
}

// Bytes without a pattern that a wrong fold could get right by chance.
std::string noise(std::size_t size) {
  std::string out(size, '\0');
  std::uint64_t state = 0x9E3779B97F4A7C15ULL;
  for (char& c : out) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    c = static_cast<char>(state >> 56);
  }
  return out;
}

// "Check" values of the CRC catalogue, and the digests of RFC 1321, FIPS 180-4.
TEST(Checksum, GivesTheKnownAnswers) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc64nvme("123456789"), 0xAE8B14860A799888ULL);
  // RFC 3720 appendix B.4: 32 bytes of zeros and of ones.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(to_hex(whole(ChecksumAlgorithm::kMd5, "abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(whole(ChecksumAlgorithm::kSha1, "abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(whole(ChecksumAlgorithm::kSha256, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Checksum, IsBase64OfTheBigEndianValue) {
  Checksum crc(ChecksumAlgorithm::kCrc32);
  crc.update("123456789");
  EXPECT_EQ(crc.base64(), "y/Q5Jg==");
  EXPECT_EQ(Checksum(ChecksumAlgorithm::kMd5).base64(), "1B2M2Y8AsgTpgAmY7PhCfg==");
}

TEST(Checksum, IsTheSameHoweverTheBytesArrive) {
  const std::string data = noise(5000);
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    const std::string expected = whole(algorithm, data);
    // One byte at a time never reaches the folded path; the whole always does.
    for (const std::size_t piece : {1U, 7U, 63U, 64U, 65U, 1000U}) {
      Checksum pieces(algorithm);
      for (std::size_t at = 0; at < data.size(); at += piece)
        pieces.update(std::string_view(data).substr(at, piece));
      EXPECT_EQ(to_hex(pieces.digest()), to_hex(expected))
          << checksum_name(algorithm) << " by " << piece;
    }
  }
}

TEST(Checksum, DigestLeavesTheRunningValueUsable) {
  Checksum checksum(ChecksumAlgorithm::kSha256);
  checksum.update("a");
  (void)checksum.digest();
  checksum.update("bc");
  EXPECT_EQ(checksum.digest(), whole(ChecksumAlgorithm::kSha256, "abc"));
}

TEST(Checksum, CrcsOfPartsCombineToThatOfTheWhole) {
  const std::string data = noise(200'003);
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    if (!is_crc(algorithm)) continue;
    for (const std::size_t cut : {0U, 1U, 65'536U, 200'003U}) {
      const auto first = whole(algorithm, std::string_view(data).substr(0, cut));
      const auto second = whole(algorithm, std::string_view(data).substr(cut));
      EXPECT_EQ(combine_crc(algorithm, first, second, data.size() - cut), whole(algorithm, data))
          << checksum_name(algorithm) << " cut at " << cut;
    }
  }
}

TEST(Checksum, NamesAreFoundInAnyCase) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    EXPECT_EQ(find_checksum(checksum_name(algorithm)), algorithm);
    EXPECT_EQ(whole(algorithm, "x").size(), checksum_size(algorithm));
  }
  EXPECT_EQ(find_checksum("crc64nvme"), ChecksumAlgorithm::kCrc64Nvme);
  EXPECT_EQ(find_checksum("XXHASH64"), std::nullopt);
}

std::string code_of(const Headers& headers, const Schema* input = nullptr) {
  const Status checked = check_declared_checksums(input, headers, {}, "123456789");
  return checked.ok() ? "" : checked.error().code;
}

TEST(DeclaredChecksums, AreHeldAgainstTheBody) {
  const std::pair<std::pair<std::string, std::string>, std::string> cases[] = {
      {{"x-amz-checksum-crc32", "y/Q5Jg=="}, ""},
      {{"X-Amz-Checksum-Crc32", "AAAAAA=="}, "BadDigest"},
      {{"x-amz-checksum-crc32", "AAAA"}, "InvalidRequest"},
      {{"x-amz-checksum-mode", "ENABLED"}, ""},
      {{"Content-MD5", "JfnnlDI7RTiF9RgfG2JNCw=="}, ""},
      {{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}, "BadDigest"},
      {{"Content-MD5", "no"}, "InvalidDigest"},
  };
  for (const auto& [field, code] : cases) {
    Headers headers;
    headers.add(field.first, field.second);
    EXPECT_EQ(code_of(headers), code) << field.first << ": " << field.second;
  }
}

TEST(DeclaredChecksums, OfTheObjectAreNotOfTheBody) {
  const Member member = {
      .name = "ChecksumCRC32", .wire_name = "x-amz-checksum-crc32", .location = Location::kHeader};
  const Schema input = {.kind = Kind::kStructure, .name = "Input", .members = {&member, 1}};
  Headers headers;
  headers.add("x-amz-checksum-crc32", "AAAAAA==");
  EXPECT_EQ(code_of(headers, &input), "");
}

}  // namespace
}  // namespace tarn::wire
