#include "services/s3/shapes.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "services/s3/lifecycle.h"
#include "services/s3/versions.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, UsingMetadata.html
constexpr std::size_t kMaxKeyBytes = 1024;
constexpr std::size_t kMaxMetadataBytes = 2048;

constexpr std::array<std::string_view, 8> kStorageClasses = {
    "STANDARD",   "REDUCED_REDUNDANCY",  "STANDARD_IA", "ONEZONE_IA",
    "GLACIER_IR", "INTELLIGENT_TIERING", "GLACIER",     "DEEP_ARCHIVE"};

}  // namespace

std::string checksum_text(const StoredChecksum& checksum, std::uint32_t part_count) {
  std::string text = wire::to_base64(checksum.value);
  if (checksum.composite) text += fmt::format("-{}", part_count);
  return text;
}

std::string_view checksum_type(bool composite) {
  return composite ? "COMPOSITE" : "FULL_OBJECT";
}

Result<std::optional<wire::ChecksumAlgorithm>> find_algorithm(
    const std::optional<std::string>& name) {
  if (!name) return std::optional<wire::ChecksumAlgorithm>();
  const auto algorithm = wire::find_checksum(*name);
  if (algorithm) return algorithm;
  return tarn::Error("NotImplemented",
                     fmt::format("The checksum algorithm {} is not implemented: use CRC32, CRC32C, "
                                 "CRC64NVME, SHA1, SHA256, SHA512 or MD5.",
                                 *name));
}

tarn::Error not_here(std::string_view header, std::string_view what) {
  tarn::Error error(
      "NotImplemented",
      fmt::format("A header you provided implies functionality that is not implemented: {}", what),
      501);
  error.details.emplace_back("Header", header);
  return error;
}

// Buckets are as AWS makes them since 2023: ACLs disabled
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html).
Status check_acl(const std::optional<std::string>& acl) {
  if (!acl || *acl == "bucket-owner-full-control" || *acl == "private") return {};
  return tarn::Error("AccessControlListNotSupported", "The bucket does not allow ACLs");
}

Status check_headers(const ObjectHeaders& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers.metadata) bytes += name.size() + value.size();
  if (bytes > kMaxMetadataBytes) {
    tarn::Error error("MetadataTooLarge",
                      "Your metadata headers exceed the maximum allowed metadata size");
    error.details.emplace_back("Size", std::to_string(bytes));
    error.details.emplace_back("MaxSizeAllowed", std::to_string(kMaxMetadataBytes));
    return error;
  }
  const std::string& storage_class = headers.storage_class;
  if (storage_class.empty() || std::find(kStorageClasses.begin(), kStorageClasses.end(),
                                         storage_class) != kStorageClasses.end()) {
    return {};
  }
  return tarn::Error("InvalidStorageClass", "The storage class you specified is not valid");
}

Status check_key(std::string_view key) {
  if (key.size() <= kMaxKeyBytes) return {};
  tarn::Error error("KeyTooLongError", "Your key is too long");
  error.details.emplace_back("Size", std::to_string(key.size()));
  error.details.emplace_back("MaxSizeAllowed", std::to_string(kMaxKeyBytes));
  return error;
}

Status check_version(const std::optional<std::string>& version_id) {
  if (!version_id || !version_id->empty()) return {};
  return tarn::Error("InvalidArgument", "Version id cannot be the empty string");
}

std::optional<std::string> version_header(const StoredBucket& bucket, const StoredObject& object) {
  if (bucket.versioning == Versioning::kNever) return std::nullopt;
  return shown_version(object.version);
}

std::optional<std::string> version_header(const StoredObject& written) {
  if (written.version.sequence == 0) return std::nullopt;
  return shown_version(written.version);
}

std::optional<std::string> expiration_of(S3& s3, const std::string& bucket, const std::string& key,
                                         const StoredObject& object) {
  return expiry_header(s3.settings.find(bucket)->lifecycle, key, object);
}

std::string without_aws_chunked(std::string_view encoding) {
  std::string out;
  while (!encoding.empty()) {
    const std::size_t comma = encoding.find(',');
    const std::string_view one = wire::trim(encoding.substr(0, comma));
    if (!one.empty() && one != "aws-chunked") {
      if (!out.empty()) out += ",";
      out += one;
    }
    if (comma == std::string_view::npos) break;
    encoding.remove_prefix(comma + 1);
  }
  return out;
}

}  // namespace tarn::s3
