#include "services/s3/versioning.h"

#include <utility>

#include "services/s3/lists.h"
#include "services/s3/shapes.h"
#include "services/s3/versions.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kVersioningEnabled = "Enabled";
constexpr std::string_view kSuspended = "Suspended";

ObjectVersion show_version(const ListedVersion& listed, const KeyText& text,
                           const std::string& owner) {
  ObjectVersion shown;
  shown.key = text(listed.key);
  shown.version_id = shown_version(listed.info.version);
  shown.is_latest = listed.is_latest;
  shown.last_modified = listed.info.last_modified;
  shown.e_tag = quoted_etag(listed.info.etag);
  shown.size = static_cast<std::int64_t>(listed.info.size);
  const std::string& storage_class = listed.info.headers.storage_class;
  shown.storage_class = storage_class.empty() ? "STANDARD" : storage_class;
  shown.owner.emplace().id = owner;
  if (listed.info.checksum) {
    const StoredChecksum& checksum = *listed.info.checksum;
    shown.checksum_algorithm.emplace().emplace_back(wire::checksum_name(checksum.algorithm));
    shown.checksum_type = checksum_type(checksum.composite);
  }
  return shown;
}

DeleteMarkerEntry show_marker(const ListedVersion& listed, const KeyText& text,
                              const std::string& owner) {
  DeleteMarkerEntry shown;
  shown.key = text(listed.key);
  shown.version_id = shown_version(listed.info.version);
  shown.is_latest = listed.is_latest;
  shown.last_modified = listed.info.last_modified;
  shown.owner.emplace().id = owner;
  return shown;
}

void show_page(const VersionPage& page, const KeyText& text, const std::string& owner,
               ListObjectVersionsOutput& out) {
  auto& versions = out.versions.emplace();
  auto& markers = out.delete_markers.emplace();
  auto& prefixes = out.common_prefixes.emplace();
  for (const ListedVersion& listed : page.versions) {
    if (listed.info.version.delete_marker) {
      markers.push_back(show_marker(listed, text, owner));
    } else {
      versions.push_back(show_version(listed, text, owner));
    }
  }
  for (const std::string& prefix : page.common_prefixes) {
    prefixes.emplace_back().prefix = text(prefix);
  }
  out.is_truncated = page.truncated;
  if (!page.truncated) return;
  out.next_key_marker = text(page.last_key);
  if (!page.last_version.empty()) out.next_version_id_marker = page.last_version;
}

Result<VersionQuery> read_query(const ListObjectVersionsRequest& input) {
  VersionQuery query;
  query.bucket = input.bucket;
  query.prefix = input.prefix.value_or("");
  query.delimiter = input.delimiter.value_or("");
  query.after_key = input.key_marker.value_or("");
  query.after_version = input.version_id_marker.value_or("");
  TARN_TRY(query.max_keys, page_size(input.max_keys, "max-keys"));
  if (!query.after_version.empty() && query.after_key.empty()) {
    return tarn::Error("InvalidArgument",
                       "A version-id marker cannot be specified without a key marker.");
  }
  if (!query.after_version.empty() && !is_version_id(query.after_version)) {
    return tarn::Error("InvalidArgument", "Invalid version id specified");
  }
  return query;
}

}  // namespace

Task<Result<wire::Unit>> handle(PutBucketVersioning, S3& s3, const Caller&,
                                PutBucketVersioningRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const VersioningConfiguration& wanted = input.versioning_configuration;
  if (wanted.mfa_delete == kVersioningEnabled) {
    co_return not_here("x-amz-mfa", "MFA delete is not offered: leave MfaDelete out");
  }
  if (wanted.status != kVersioningEnabled && wanted.status != kSuspended) {
    co_return tarn::Error("IllegalVersioningConfigurationException",
                          "The Versioning element must be specified");
  }
  const Versioning versioning =
      wanted.status == kVersioningEnabled ? Versioning::kEnabled : Versioning::kSuspended;
  TARN_CO_CHECK(co_await s3.store.set_versioning(std::move(input.bucket), versioning));
  co_return wire::Unit();
}

Task<Result<GetBucketVersioningOutput>> handle(GetBucketVersioning, S3& s3, const Caller&,
                                               GetBucketVersioningRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  GetBucketVersioningOutput out;
  if (bucket.versioning == Versioning::kEnabled) out.status = kVersioningEnabled;
  if (bucket.versioning == Versioning::kSuspended) out.status = kSuspended;
  co_return out;
}

Task<Result<ListObjectVersionsOutput>> handle(ListObjectVersions, S3& s3, const Caller&,
                                              ListObjectVersionsRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const KeyText text, KeyText::of(input.encoding_type));
  TARN_CO_TRY(const VersionQuery query, read_query(input));
  TARN_CO_TRY(const VersionPage page, s3.store.list_versions(query));
  ListObjectVersionsOutput out;
  out.name = input.bucket;
  out.prefix = text(query.prefix);
  if (!query.delimiter.empty()) out.delimiter = text(query.delimiter);
  out.key_marker = text(query.after_key);
  out.version_id_marker = query.after_version;
  out.max_keys = static_cast<std::int32_t>(query.max_keys);
  out.encoding_type = input.encoding_type;
  show_page(page, text, bucket.owner, out);
  co_return out;
}

}  // namespace tarn::s3
