// PutBucketLifecycleConfiguration, GetBucketLifecycleConfiguration, DeleteBucketLifecycle. The old
// names (PutBucketLifecycle, GetBucketLifecycle) are the same requests.
#include <utility>

#include "services/s3/bucket_settings.h"
#include "services/s3/expiry.h"
#include "services/s3/lifecycle.h"
#include "services/s3/settings.h"

namespace tarn::s3 {

Task<Result<PutBucketLifecycleConfigurationOutput>> handle(
    PutBucketLifecycleConfiguration, S3& s3, const Caller&,
    PutBucketLifecycleConfigurationRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  if (!input.lifecycle_configuration) {
    co_return tarn::Error("MissingRequestBodyError", "Request Body is empty", 400);
  }
  TARN_CO_CHECK(check(input.lifecycle_configuration->rules));
  std::optional<std::string> document =
      to_document(*input.lifecycle_configuration, "LifecycleConfiguration");
  std::string bucket = input.bucket;
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(bucket), setting::kLifecycle, std::move(document)));
  s3.expiry.begin(input.bucket);
  co_return PutBucketLifecycleConfigurationOutput();
}

Task<Result<GetBucketLifecycleConfigurationOutput>> handle(
    GetBucketLifecycleConfiguration, S3& s3, const Caller&,
    GetBucketLifecycleConfigurationRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  if (settings->find(setting::kLifecycle) == nullptr) {
    tarn::Error error("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist",
                      404);
    error.details.emplace_back("BucketName", input.bucket);
    co_return error;
  }
  GetBucketLifecycleConfigurationOutput out;
  out.rules = settings->lifecycle;
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteBucketLifecycle, S3& s3, const Caller&,
                                DeleteBucketLifecycleRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  std::optional<std::string> none;
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kLifecycle, std::move(none)));
  co_return wire::Unit();
}

}  // namespace tarn::s3
