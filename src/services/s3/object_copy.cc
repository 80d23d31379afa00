// CopyObject, and the source of every copy.
#include <fmt/format.h>

#include "services/s3/copy_source.h"
#include "services/s3/encryption_headers.h"
#include "services/s3/faults.h"
#include "services/s3/objects.h"
#include "services/s3/shapes.h"
#include "services/s3/tags.h"
#include "services/s3/versions.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kVersion = "?versionId=";

// Whether the copy has the source's headers or tags (COPY) or the request's (REPLACE). `what` is
// "metadata" or "tagging". Error: InvalidArgument.
Result<bool> replaces(const std::optional<std::string>& directive, std::string_view what) {
  const std::string given = directive.value_or("COPY");
  if (given == "COPY" || given == "REPLACE") return given == "REPLACE";
  return tarn::Error("InvalidArgument", fmt::format("Unknown {} directive.", what));
}

Status refuse_copy_onto_itself(const CopySource& source, const CopyObjectRequest& input,
                               bool replaces_headers) {
  // A version of its own may be brought back to the top.
  const bool same =
      source.bucket == input.bucket && source.key == input.key && source.version.empty();
  if (!same || replaces_headers || input.storage_class || input.website_redirect_location ||
      input.checksum_algorithm || input.server_side_encryption || input.bucket_key_enabled) {
    return {};
  }
  return tarn::Error("InvalidRequest",
                     "This copy request is illegal because it is trying to copy an object to "
                     "itself without changing the object's metadata, storage class, website "
                     "redirect location or encryption attributes.");
}

// The headers of the copy.
ObjectHeaders headers_of_copy(const StoredObject& source, CopyObjectRequest& input,
                              bool replaces_headers) {
  ObjectHeaders asked = read_headers(input);
  if (replaces_headers) return asked;
  ObjectHeaders headers = source.headers;
  headers.storage_class = asked.storage_class;
  headers.website_redirect_location = asked.website_redirect_location;
  return headers;
}

}  // namespace

Result<CopySource> parse_copy_source(std::string_view header) {
  std::string version;
  if (const std::size_t at = header.rfind(kVersion); at != std::string_view::npos) {
    version = wire::percent_decode(header.substr(at + kVersion.size()));
    if (!is_version_id(version)) return invalid_version(version);
    header = header.substr(0, at);
  }
  const std::string path = wire::percent_decode(header);
  const std::size_t start = path.starts_with('/') ? 1 : 0;
  const std::size_t slash = path.find('/', start);
  if (slash == std::string::npos || slash == start || slash + 1 == path.size()) {
    tarn::Error error("InvalidArgument",
                      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    error.details.emplace_back("ArgumentName", "x-amz-copy-source");
    error.details.emplace_back("ArgumentValue", header);
    return error;
  }
  return CopySource{path.substr(start, slash - start), path.substr(slash + 1), std::move(version)};
}

Result<OpenObject> open_copy_source(S3& s3, const CopySource& source,
                                    const ReadCondition& condition,
                                    const std::optional<std::string>& owner, const Caller& caller) {
  TARN_CHECK(expect_bucket(s3, source.bucket, owner));
  Result<OpenObject> object =
      source.version.empty() ? s3.store.open(source.bucket, source.key)
                             : s3.store.open_version(source.bucket, source.key, source.version);
  if (!object.ok() && object.error().is("MethodNotAllowed")) {
    return tarn::Error("InvalidRequest",
                       "The source of a copy request may not specifically refer to a delete marker "
                       "by version id.");
  }
  if (object.ok()) {
    TARN_CHECK(check_copy_source(condition, object->info));
    object->caller = caller;
  }
  return object;
}

std::optional<std::string> copied_version(S3& s3, const CopySource& source,
                                          const StoredObject& object) {
  const Result<StoredBucket> bucket = s3.store.bucket(source.bucket);
  return bucket.ok() ? version_header(*bucket, object) : std::nullopt;
}

Task<Result<CopyObjectOutput>> handle(CopyObject, S3& s3, const Caller& caller,
                                      CopyObjectRequest input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  TARN_CO_CHECK(refuse_customer_keys(input));
  TARN_CO_CHECK(check_key(input.key));
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const CopySource source, parse_copy_source(input.copy_source));
  TARN_CO_TRY(const bool new_headers, replaces(input.metadata_directive, "metadata"));
  TARN_CO_TRY(const bool new_tags, replaces(input.tagging_directive, "tagging"));
  TARN_CO_CHECK(refuse_copy_onto_itself(source, input, new_headers));
  TARN_CO_TRY(const OpenObject object,
              open_copy_source(s3, source, copy_condition(input),
                               input.expected_source_bucket_owner, caller));
  if (object.info.size > kMaxUploadBytes) {
    co_return tarn::Error("InvalidRequest",
                          "The specified copy source is larger than the maximum allowable size for "
                          "a copy source: 5368709120");
  }
  PutOptions options;
  options.headers = headers_of_copy(object.info, input, new_headers);
  TARN_CO_CHECK(check_headers(options.headers));
  options.tags = object.info.tags;
  if (new_tags) {
    TARN_CO_TRY(options.tags, read_tagging_header(input.tagging));
  }
  TARN_CO_TRY(options.encryption, read_encryption(input));
  options.caller = caller;
  TARN_CO_TRY(options.integrity.announced, find_algorithm(input.checksum_algorithm));
  // The copy of an object made of parts gets a checksum of its whole.
  if (object.info.checksum && !object.info.checksum->composite) {
    options.integrity.fallback = object.info.checksum->algorithm;
  }
  options.condition.if_match = std::move(input.if_match);
  options.condition.if_none_match = std::move(input.if_none_match);
  TARN_CO_TRY(wire::Body body, co_await s3.store.read(object, 0, object.info.size));
  std::string bucket = input.bucket;
  std::string key = input.key;
  TARN_CO_TRY(const StoredObject copy, co_await s3.store.put(std::move(bucket), std::move(key),
                                                             std::move(body), std::move(options)));
  CopyObjectOutput out;
  out.version_id = version_header(copy);
  out.expiration = expiration_of(s3, input.bucket, input.key, copy);
  out.copy_source_version_id = copied_version(s3, source, object.info);
  CopyObjectResult& result = out.copy_object_result.emplace();
  result.e_tag = quoted_etag(copy.etag);
  result.last_modified = copy.last_modified;
  if (copy.checksum) show_checksum(result, *copy.checksum, 0);
  show_encryption(out, copy.encryption);
  co_return out;
}

}  // namespace tarn::s3
