// Tags and CORS of buckets.
#include "services/s3/bucket_settings.h"

#include <utility>

#include "services/s3/cors.h"
#include "services/s3/settings.h"
#include "services/s3/tags.h"

namespace tarn::s3 {

Task<Result<wire::Unit>> handle(PutBucketTagging, S3& s3, const Caller&,
                                PutBucketTaggingRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(read_tags(input.tagging.tag_set, kMaxBucketTags));
  std::optional<std::string> document = to_document(input.tagging, "Tagging");
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kTagging, std::move(document)));
  co_return wire::Unit();
}

Task<Result<GetBucketTaggingOutput>> handle(GetBucketTagging, S3& s3, const Caller&,
                                            GetBucketTaggingRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  const std::string* document = settings->find(setting::kTagging);
  if (document == nullptr) {
    co_return tarn::Error("NoSuchTagSet", "The TagSet does not exist", 404);
  }
  TARN_CO_TRY(auto tagging, from_document<Tagging>(*document));
  GetBucketTaggingOutput out;
  out.tag_set = std::move(tagging.tag_set);
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteBucketTagging, S3& s3, const Caller&,
                                DeleteBucketTaggingRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  std::optional<std::string> none;
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kTagging, std::move(none)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(PutBucketCors, S3& s3, const Caller&, PutBucketCorsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(check(input.cors_configuration));
  std::optional<std::string> document = to_document(input.cors_configuration, "CORSConfiguration");
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kCors, std::move(document)));
  co_return wire::Unit();
}

Task<Result<GetBucketCorsOutput>> handle(GetBucketCors, S3& s3, const Caller&,
                                         GetBucketCorsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  const auto settings = s3.settings.find(input.bucket);
  if (settings->find(setting::kCors) == nullptr) {
    tarn::Error error("NoSuchCORSConfiguration", "The CORS configuration does not exist", 404);
    error.details.emplace_back("BucketName", input.bucket);
    co_return error;
  }
  GetBucketCorsOutput out;
  out.cors_rules = settings->cors;
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteBucketCors, S3& s3, const Caller&,
                                DeleteBucketCorsRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  std::optional<std::string> none;
  TARN_CO_CHECK(co_await s3.settings.set(std::move(input.bucket), setting::kCors, std::move(none)));
  co_return wire::Unit();
}

}  // namespace tarn::s3
