#include "services/s3/integrity.h"

#include <algorithm>

#include "services/s3/object_store.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kHeaderPrefix = "x-amz-checksum-";
constexpr std::size_t kMd5Bytes = 16;

bool has_form(wire::ChecksumAlgorithm algorithm, std::string_view base64) {
  const auto binary = wire::from_base64(base64);
  return binary && binary->size() == wire::checksum_size(algorithm);
}

Status check_value(wire::ChecksumAlgorithm algorithm, const std::string& base64) {
  if (has_form(algorithm, base64)) return {};
  const std::string header =
      std::string(kHeaderPrefix) + wire::to_lower(wire::checksum_name(algorithm));
  return tarn::Error("InvalidRequest", "Value for " + header + " header is invalid.");
}

tarn::Error mismatch(wire::ChecksumAlgorithm algorithm) {
  return tarn::Error("BadDigest", "The " + std::string(wire::checksum_name(algorithm)) +
                                      " you specified did not match the calculated checksum.");
}

}  // namespace

Status Integrity::check_form() const {
  if (!content_md5.empty()) {
    const auto binary = wire::from_base64(content_md5);
    if (!binary || binary->size() != kMd5Bytes) {
      return tarn::Error("InvalidDigest", "The Content-MD5 you specified was invalid.");
    }
  }
  if (declared.size() > 1) {
    return tarn::Error("InvalidRequest",
                       "Expecting a single x-amz-checksum- header. Multiple checksum Types are "
                       "not allowed.");
  }
  for (const auto& [algorithm, value] : declared) TARN_CHECK(check_value(algorithm, value));
  return {};
}

std::vector<wire::ChecksumAlgorithm> Integrity::wanted() const {
  if (!declared.empty()) return {declared.front().first};
  if (announced) return {*announced};
  // A client may send a trailer without announcing its algorithm; the CRCs cost next to nothing.
  std::vector<wire::ChecksumAlgorithm> all = {wire::ChecksumAlgorithm::kCrc64Nvme,
                                              wire::ChecksumAlgorithm::kCrc32,
                                              wire::ChecksumAlgorithm::kCrc32c};
  if (std::find(all.begin(), all.end(), fallback) == all.end()) all.push_back(fallback);
  return all;
}

Intention Integrity::intention(EncryptionKind kind) const {
  Intention out;
  out.checksums = wanted();
  out.limit = kMaxUploadBytes;
  // The ETag of an object under KMS is not its MD5
  // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html), which is half the work.
  out.md5 = kind != EncryptionKind::kKms || !content_md5.empty();
  out.md5_etag = kind != EncryptionKind::kKms;
  return out;
}

Result<StoredChecksum> Integrity::verify(
    const NewBody& body, const std::vector<std::pair<std::string, std::string>>& trailers) const {
  if (!content_md5.empty() && wire::from_base64(content_md5) != body.md5()) {
    return tarn::Error("BadDigest",
                       "The Content-MD5 you specified did not match what we received.");
  }
  auto values = declared;
  for (const auto& [name, value] : trailers) {
    if (!name.starts_with(kHeaderPrefix)) continue;
    const auto algorithm = wire::find_checksum(std::string_view(name).substr(kHeaderPrefix.size()));
    const auto computed = wanted();
    if (!algorithm || std::find(computed.begin(), computed.end(), *algorithm) == computed.end()) {
      return tarn::Error("InvalidRequest", "The trailer " + name +
                                               " was not announced by "
                                               "x-amz-sdk-checksum-algorithm.");
    }
    TARN_CHECK(check_value(*algorithm, value));
    values.emplace_back(*algorithm, value);
  }
  StoredChecksum kept;
  kept.algorithm = values.empty() ? announced.value_or(fallback) : values.front().first;
  for (const auto& [algorithm, value] : values) {
    if (wire::from_base64(value) != body.checksum(algorithm)) return mismatch(algorithm);
  }
  kept.value = body.checksum(kept.algorithm);
  return kept;
}

}  // namespace tarn::s3
