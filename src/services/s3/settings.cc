#include "services/s3/settings.h"

#include <mutex>
#include <utility>

#include "services/s3/bucket_policy.h"
#include "services/s3/embedded_store.h"
#include "services/s3/encryption_headers.h"
#include "services/s3/record.h"

namespace tarn::s3 {
namespace {

using store::Space;

Status parse(BucketSettings& settings) {
  if (const std::string* cors = settings.find(setting::kCors)) {
    TARN_TRY(auto shape, from_document<CORSConfiguration>(*cors));
    settings.cors = std::move(shape.cors_rules);
  }
  if (const std::string* lifecycle = settings.find(setting::kLifecycle)) {
    TARN_TRY(auto shape, from_document<BucketLifecycleConfiguration>(*lifecycle));
    settings.lifecycle = std::move(shape.rules);
  }
  if (const std::string* encryption = settings.find(setting::kEncryption)) {
    TARN_TRY(const auto shape, from_document<ServerSideEncryptionConfiguration>(*encryption));
    settings.encryption = default_encryption(shape);
  }
  const std::string* access = settings.find(setting::kPublicAccess);
  if (access != nullptr && access->empty()) settings.public_access.reset();
  if (access != nullptr && !access->empty()) {
    TARN_TRY(settings.public_access, from_document<PublicAccessBlockConfiguration>(*access));
  }
  return {};
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
Status parse_policy(const StoredBucket& bucket, BucketSettings& settings) {
  const std::string* text = settings.find(setting::kPolicy);
  if (text == nullptr) return {};
  TARN_TRY(settings.policy, read_bucket_policy(bucket.name, *text));
  settings.enforced_policy = settings.policy;
  const auto& access = settings.public_access;
  const bool restricted = access && access->restrict_public_buckets.value_or(false);
  if (!restricted || !settings.policy->is_public()) return {};
  TARN_TRY(settings.enforced_policy, restrict_to_account(*settings.policy, bucket.owner));
  return {};
}

}  // namespace

PublicAccessBlockConfiguration all_blocked() {
  PublicAccessBlockConfiguration all;
  all.block_public_acls = true;
  all.ignore_public_acls = true;
  all.block_public_policy = true;
  all.restrict_public_buckets = true;
  return all;
}

Status Settings::load() {
  TARN_TRY(const auto records, store_.scan(Space::kS3, kSettingPrefix));
  std::string last;
  for (const auto& [key, record] : records) {
    const std::string bucket = key.substr(kSettingPrefix.size(), key.find('\0') - 1);
    if (bucket != last) TARN_CHECK(refresh(bucket));
    last = bucket;
  }
  return {};
}

Status Settings::refresh(const std::string& bucket) {
  // Under the lock, so that of two changes the later one is what stays.
  const std::unique_lock lock(mutex_);
  const std::string prefix = setting_key(bucket, "");
  TARN_TRY(const auto records, store_.scan(Space::kS3, prefix));
  auto settings = std::make_shared<BucketSettings>();
  for (const auto& [key, record] : records) {
    TARN_TRY(settings->documents[key.substr(prefix.size())], decode_setting(record));
  }
  if (settings->documents.empty()) {
    buckets_.erase(bucket);
    return {};
  }
  TARN_CHECK(parse(*settings));
  TARN_TRY(const auto record, store_.get(Space::kS3, bucket_key(bucket)));
  if (record) {
    TARN_TRY(const StoredBucket found, decode_bucket(bucket, *record));
    TARN_CHECK(parse_policy(found, *settings));
  }
  buckets_[bucket] = std::move(settings);
  return {};
}

std::shared_ptr<const BucketSettings> Settings::find(std::string_view bucket) const {
  const std::shared_lock lock(mutex_);
  const auto found = buckets_.find(std::string(bucket));
  return found != buckets_.end() ? found->second : none_;
}

Task<Status> Settings::set(std::string bucket, std::string_view name,
                           std::optional<std::string> document) {
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, bucket));
    if (document) {
      draft.put(Space::kS3, setting_key(bucket, name), encode_setting(*document));
    } else {
      draft.remove(Space::kS3, setting_key(bucket, name));
    }
    return {};
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation), document.has_value()));
  co_return refresh(bucket);
}

}  // namespace tarn::s3
