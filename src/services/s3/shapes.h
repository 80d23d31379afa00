// Between the API's shapes and the store's values.
//
// Place: services/s3, for its handlers. Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "services/s3/api.h"
#include "services/s3/condition.h"
#include "services/s3/integrity.h"
#include "services/s3/object.h"
#include "services/s3/s3.h"
#include "wire/dates.h"

namespace tarn::s3 {

// The members that carry checksums, which many shapes have in common. A shape of an older model may
// lack some.
template <class Shape, class Visit>
void each_checksum(Shape& shape, Visit visit) {
  using wire::ChecksumAlgorithm;
  visit(ChecksumAlgorithm::kCrc32, shape.checksum_crc32);
  visit(ChecksumAlgorithm::kCrc32c, shape.checksum_crc32_c);
  visit(ChecksumAlgorithm::kCrc64Nvme, shape.checksum_crc64_nvme);
  visit(ChecksumAlgorithm::kSha1, shape.checksum_sha1);
  visit(ChecksumAlgorithm::kSha256, shape.checksum_sha256);
  if constexpr (requires { shape.checksum_sha512; }) {
    visit(ChecksumAlgorithm::kSha512, shape.checksum_sha512);
  }
  if constexpr (requires { shape.checksum_md5; }) {
    visit(ChecksumAlgorithm::kMd5, shape.checksum_md5);
  }
}

template <class Shape>
std::vector<std::pair<wire::ChecksumAlgorithm, std::string>> declared_checksums(
    const Shape& shape) {
  std::vector<std::pair<wire::ChecksumAlgorithm, std::string>> out;
  each_checksum(shape, [&out](wire::ChecksumAlgorithm algorithm, const auto& value) {
    if (value) out.emplace_back(algorithm, *value);
  });
  return out;
}

// As headers and lists show it: composite values end with the number of parts.
[[nodiscard]] std::string checksum_text(const StoredChecksum& checksum, std::uint32_t part_count);
[[nodiscard]] std::string_view checksum_type(bool composite);

template <class Shape>
void show_checksum(Shape& shape, const StoredChecksum& checksum, std::uint32_t part_count) {
  each_checksum(shape, [&](wire::ChecksumAlgorithm algorithm, auto& member) {
    if (algorithm == checksum.algorithm) member = checksum_text(checksum, part_count);
  });
  if constexpr (requires { shape.checksum_type; }) {
    shape.checksum_type = checksum_type(checksum.composite);
  }
}

[[nodiscard]] inline std::string quoted_etag(std::string_view etag) {
  return "\"" + std::string(etag) + "\"";
}

// Errors: NotImplemented for what is announced by a name that is not computed here.
[[nodiscard]] Result<std::optional<wire::ChecksumAlgorithm>> find_algorithm(
    const std::optional<std::string>& name);

template <class Input>
Result<Integrity> read_integrity(const Input& input) {
  Integrity out;
  out.content_md5 = input.content_md5.value_or("");
  out.declared = declared_checksums(input);
  TARN_TRY(out.announced, find_algorithm(input.checksum_algorithm));
  if constexpr (requires { input.checksum_xxhash64; }) {
    if (input.checksum_xxhash64 || input.checksum_xxhash3 || input.checksum_xxhash128) {
      TARN_CHECK(find_algorithm("XXHASH"));
    }
  }
  return out;
}

// Errors: NotImplemented, naming `header`, or the code that AWS gives.
[[nodiscard]] tarn::Error not_here(std::string_view header, std::string_view what);
[[nodiscard]] Status check_acl(const std::optional<std::string>& acl);
[[nodiscard]] Status check_headers(const ObjectHeaders& headers);
[[nodiscard]] Status check_key(std::string_view key);

// x-amz-version-id of an answer; none in a bucket that never kept versions.
[[nodiscard]] std::optional<std::string> version_header(const StoredBucket& bucket,
                                                        const StoredObject& object);
// The same of what was just written, which has a sequence where its bucket keeps versions.
[[nodiscard]] std::optional<std::string> version_header(const StoredObject& written);

// Error: InvalidArgument where `version_id` is given and empty.
[[nodiscard]] Status check_version(const std::optional<std::string>& version_id);

// The object or the version that the request names. Errors: those of ObjectStore::head_version().
template <class Input>
Result<StoredObject> find_object(S3& s3, const Input& input) {
  if (!input.version_id) return s3.store.head(input.bucket, input.key);
  return s3.store.head_version(input.bucket, input.key, *input.version_id);
}

// Content-Encoding as the object keeps it: "aws-chunked" belongs to the transfer.
[[nodiscard]] std::string without_aws_chunked(std::string_view encoding);

template <class Input>
ObjectHeaders read_headers(Input& input) {
  ObjectHeaders out;
  out.content_type = input.content_type.value_or("binary/octet-stream");
  out.cache_control = input.cache_control.value_or("");
  out.content_disposition = input.content_disposition.value_or("");
  out.content_encoding = without_aws_chunked(input.content_encoding.value_or(""));
  out.content_language = input.content_language.value_or("");
  if (input.expires) out.expires = wire::to_http_date(*input.expires);
  out.website_redirect_location = input.website_redirect_location.value_or("");
  out.storage_class = input.storage_class.value_or("");
  if (out.storage_class == "STANDARD") out.storage_class.clear();
  if (input.metadata) out.metadata = std::move(*input.metadata);
  return out;
}

// x-amz-expiration of the current object.
[[nodiscard]] std::optional<std::string> expiration_of(S3& s3, const std::string& bucket,
                                                       const std::string& key,
                                                       const StoredObject& object);

// What a request to make an object must not ask for, because it would not be done.
template <class Input>
Status refuse_what_is_not_here(const Input& input) {
  TARN_CHECK(check_acl(input.acl));
  if (input.grant_full_control || input.grant_read || input.grant_read_acp ||
      input.grant_write_acp) {
    TARN_CHECK(check_acl("x-amz-grant"));
  }
  if (input.object_lock_mode || input.object_lock_retain_until_date ||
      input.object_lock_legal_hold_status) {
    return not_here("x-amz-object-lock-mode", "Object Lock is not offered");
  }
  if constexpr (requires { input.write_offset_bytes; }) {
    if (input.write_offset_bytes) {
      return not_here("x-amz-write-offset-bytes", "appending is for directory buckets");
    }
  }
  return {};
}

// What GetObject and HeadObject have in common.
template <class Output>
void show_headers(Output& out, const StoredObject& object) {
  const auto set = [](std::optional<std::string>& member, const std::string& value) {
    if (!value.empty()) member = value;
  };
  const ObjectHeaders& headers = object.headers;
  out.accept_ranges = "bytes";
  out.last_modified = object.last_modified;
  out.e_tag = quoted_etag(object.etag);
  set(out.content_type, headers.content_type);
  set(out.cache_control, headers.cache_control);
  set(out.content_disposition, headers.content_disposition);
  set(out.content_encoding, headers.content_encoding);
  set(out.content_language, headers.content_language);
  if (!headers.expires.empty()) out.expires = wire::from_http_date(headers.expires);
  set(out.website_redirect_location, headers.website_redirect_location);
  set(out.storage_class, headers.storage_class);
  if (!headers.metadata.empty()) out.metadata = headers.metadata;
  if (!object.tags.empty()) out.tag_count = static_cast<std::int32_t>(object.tags.size());
}

}  // namespace tarn::s3
