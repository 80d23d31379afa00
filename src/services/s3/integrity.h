// Integrity: what a client says a body's checksums are, held against what arrived.
//
// Place: services/s3. Threads: value type.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "services/s3/bodies.h"
#include "wire/checksum.h"

namespace tarn::s3 {

struct Integrity {
  std::string content_md5;  // Content-MD5 as sent; empty: not given
  // x-amz-checksum-* as sent.
  std::vector<std::pair<wire::ChecksumAlgorithm, std::string>> declared;
  // Announced by x-amz-sdk-checksum-algorithm; its value may come in the trailer.
  std::optional<wire::ChecksumAlgorithm> announced;
  // What the object keeps when the client names none.
  wire::ChecksumAlgorithm fallback = wire::ChecksumAlgorithm::kCrc64Nvme;

  // Errors: InvalidDigest (Content-MD5 is no MD5), InvalidRequest (a checksum that is none, or two
  // of them).
  [[nodiscard]] Status check_form() const;
  // What has to be computed while the body passes, which is to be encrypted so.
  [[nodiscard]] Intention intention(EncryptionKind kind) const;
  [[nodiscard]] std::vector<wire::ChecksumAlgorithm> wanted() const;
  // The checksum the object keeps. Errors: BadDigest (MD5 or checksum), InvalidRequest (a trailer
  // nobody announced).
  [[nodiscard]] Result<StoredChecksum> verify(
      const NewBody& body, const std::vector<std::pair<std::string, std::string>>& trailers) const;
};

}  // namespace tarn::s3
