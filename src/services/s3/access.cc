#include "services/s3/access.h"

#include <utility>

#include "services/s3/settings.h"
#include "services/s3/shapes.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kOwnerEnforced = "BucketOwnerEnforced";

// The ACL of a bucket, and of an object, whose owner alone counts.
template <class Output>
void show_acl(const std::string& owner, Output& out) {
  out.owner.emplace().id = owner;
  Grant& grant = out.grants.emplace().emplace_back();
  Grantee& grantee = grant.grantee.emplace();
  grantee.type = "CanonicalUser";
  grantee.id = owner;
  grant.permission = "FULL_CONTROL";
}

tarn::Error no_acls() {
  return tarn::Error("AccessControlListNotSupported", "The bucket does not allow ACLs");
}

}  // namespace

Task<Result<wire::Unit>> handle(PutPublicAccessBlock, S3& s3, const Caller&,
                                PutPublicAccessBlockRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  PublicAccessBlockConfiguration& wanted = input.public_access_block_configuration;
  for (auto* flag : {&wanted.block_public_acls, &wanted.ignore_public_acls,
                     &wanted.block_public_policy, &wanted.restrict_public_buckets}) {
    if (!*flag) *flag = false;
  }
  std::optional<std::string> document = to_document(wanted, "PublicAccessBlockConfiguration");
  TARN_CO_CHECK(co_await s3.settings.set(std::move(input.bucket), setting::kPublicAccess,
                                         std::move(document)));
  co_return wire::Unit();
}

Task<Result<GetPublicAccessBlockOutput>> handle(GetPublicAccessBlock, S3& s3, const Caller&,
                                                GetPublicAccessBlockRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  if (!settings->public_access) {
    tarn::Error error("NoSuchPublicAccessBlockConfiguration",
                      "The public access block configuration was not found", 404);
    error.details.emplace_back("BucketName", input.bucket);
    co_return error;
  }
  GetPublicAccessBlockOutput out;
  out.public_access_block_configuration = *settings->public_access;
  co_return out;
}

Task<Result<wire::Unit>> handle(DeletePublicAccessBlock, S3& s3, const Caller&,
                                DeletePublicAccessBlockRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  std::optional<std::string> taken_away = std::string();
  TARN_CO_CHECK(co_await s3.settings.set(std::move(input.bucket), setting::kPublicAccess,
                                         std::move(taken_away)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(PutBucketOwnershipControls, S3& s3, const Caller&,
                                PutBucketOwnershipControlsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto& rules = input.ownership_controls.rules;
  if (rules.size() != 1) {
    co_return tarn::Error("MalformedXML", "Ownership controls have exactly one rule.");
  }
  if (rules.front().object_ownership != kOwnerEnforced) {
    co_return not_here("x-amz-object-ownership",
                       "ACLs are not offered: ObjectOwnership is BucketOwnerEnforced");
  }
  std::optional<std::string> none;
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kOwnership, std::move(none)));
  co_return wire::Unit();
}

Task<Result<GetBucketOwnershipControlsOutput>> handle(GetBucketOwnershipControls, S3& s3,
                                                      const Caller&,
                                                      GetBucketOwnershipControlsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  if (settings->find(setting::kOwnership) != nullptr) {
    tarn::Error error("OwnershipControlsNotFoundError",
                      "The bucket ownership controls were not found", 404);
    error.details.emplace_back("BucketName", input.bucket);
    co_return error;
  }
  GetBucketOwnershipControlsOutput out;
  out.ownership_controls.emplace().rules.emplace_back().object_ownership = kOwnerEnforced;
  co_return out;
}

// ACLs stay without effect: without controls AWS would take them again, tarn goes on refusing them.
Task<Result<wire::Unit>> handle(DeleteBucketOwnershipControls, S3& s3, const Caller&,
                                DeleteBucketOwnershipControlsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  std::optional<std::string> taken_away = std::string();
  TARN_CO_CHECK(co_await s3.settings.set(std::move(input.bucket), setting::kOwnership,
                                         std::move(taken_away)));
  co_return wire::Unit();
}

Task<Result<GetBucketAclOutput>> handle(GetBucketAcl, S3& s3, const Caller&,
                                        GetBucketAclRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  GetBucketAclOutput out;
  show_acl(bucket.owner, out);
  co_return out;
}

Task<Result<wire::Unit>> handle(PutBucketAcl, S3& s3, const Caller&, PutBucketAclRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  co_return no_acls();
}

Task<Result<GetObjectAclOutput>> handle(GetObjectAcl, S3& s3, const Caller&,
                                        GetObjectAclRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(find_object(s3, input));
  GetObjectAclOutput out;
  show_acl(bucket.owner, out);
  co_return out;
}

Task<Result<PutObjectAclOutput>> handle(PutObjectAcl, S3& s3, const Caller&,
                                        PutObjectAclRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(find_object(s3, input));
  co_return no_acls();
}

}  // namespace tarn::s3
