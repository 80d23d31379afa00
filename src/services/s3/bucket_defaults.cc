// Settings that no bucket here has: what AWS answers for a bucket without them, which is true of
// every bucket here, since setting them is refused by name.
#include "services/s3/bucket_settings.h"

namespace tarn::s3 {
namespace {

tarn::Error absent(std::string_view code, std::string_view message, const std::string& bucket) {
  tarn::Error error(code, std::string(message), 404);
  error.details.emplace_back("BucketName", bucket);
  return error;
}

}  // namespace

Task<Result<GetBucketRequestPaymentOutput>> handle(GetBucketRequestPayment, S3& s3, const Caller&,
                                                   GetBucketRequestPaymentRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  GetBucketRequestPaymentOutput out;
  out.payer = "BucketOwner";
  co_return out;
}

Task<Result<GetBucketLoggingOutput>> handle(GetBucketLogging, S3& s3, const Caller&,
                                            GetBucketLoggingRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  co_return GetBucketLoggingOutput();
}

Task<Result<GetBucketWebsiteOutput>> handle(GetBucketWebsite, S3& s3, const Caller&,
                                            GetBucketWebsiteRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  co_return absent("NoSuchWebsiteConfiguration",
                   "The specified bucket does not have a website configuration", input.bucket);
}

Task<Result<GetBucketAccelerateConfigurationOutput>> handle(
    GetBucketAccelerateConfiguration, S3& s3, const Caller&,
    GetBucketAccelerateConfigurationRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  co_return GetBucketAccelerateConfigurationOutput();
}

Task<Result<GetBucketReplicationOutput>> handle(GetBucketReplication, S3& s3, const Caller&,
                                                GetBucketReplicationRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  co_return absent("ReplicationConfigurationNotFoundError",
                   "The replication configuration was not found", input.bucket);
}

Task<Result<GetObjectLockConfigurationOutput>> handle(GetObjectLockConfiguration, S3& s3,
                                                      const Caller&,
                                                      GetObjectLockConfigurationRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  co_return absent("ObjectLockConfigurationNotFoundError",
                   "Object Lock configuration does not exist for this bucket", input.bucket);
}

Task<Result<NotificationConfiguration>> handle(GetBucketNotificationConfiguration, S3& s3,
                                               const Caller&,
                                               GetBucketNotificationConfigurationRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  co_return NotificationConfiguration();
}

}  // namespace tarn::s3
