// Tags and CORS of buckets.
#include "services/s3/bucket_settings.h"

#include <utility>

#include "gateway/system_tags.h"
#include "services/s3/cors.h"
#include "services/s3/settings.h"
#include "services/s3/tags.h"

namespace tarn::s3 {

namespace {

// Empty where there are none. Error: kCorrupt.
Result<std::vector<Tag>> tags_there(const S3& s3, const std::string& bucket) {
  const auto settings = s3.settings.find(bucket);
  const std::string* document = settings->find(setting::kTagging);
  if (document == nullptr) return std::vector<Tag>();
  TARN_TRY(auto tagging, from_document<Tagging>(*document));
  return std::move(tagging.tag_set);
}

}  // namespace

Task<Result<wire::Unit>> handle(PutBucketTagging, S3& s3, const Caller& caller,
                                PutBucketTaggingRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const std::vector<Tag> there, tags_there(s3, input.bucket));
  TARN_CO_CHECK(check_bucket_tags(caller, there, input.tagging.tag_set));
  std::optional<std::string> document = to_document(input.tagging, "Tagging");
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kTagging, std::move(document)));
  co_return wire::Unit();
}

Task<Result<GetBucketTaggingOutput>> handle(GetBucketTagging, S3& s3, const Caller&,
                                            GetBucketTaggingRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  GetBucketTaggingOutput out;
  TARN_CO_TRY(out.tag_set, tags_there(s3, input.bucket));
  if (out.tag_set.empty()) co_return tarn::Error("NoSuchTagSet", "The TagSet does not exist", 404);
  co_return out;
}

// Those of services stay.
Task<Result<wire::Unit>> handle(DeleteBucketTagging, S3& s3, const Caller& caller,
                                DeleteBucketTaggingRequest input) {
  TARN_CO_CHECK(expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  Tagging kept;
  TARN_CO_TRY(kept.tag_set, tags_there(s3, input.bucket));
  std::erase_if(kept.tag_set,
                [&](const Tag& tag) { return gateway::may_change_tag(caller, tag.key); });
  std::optional<std::string> document;
  if (!kept.tag_set.empty()) document = to_document(kept, "Tagging");
  TARN_CO_CHECK(
      co_await s3.settings.set(std::move(input.bucket), setting::kTagging, std::move(document)));
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
