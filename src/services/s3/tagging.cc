#include "services/s3/tagging.h"

#include <utility>

#include "services/s3/shapes.h"
#include "services/s3/tags.h"

namespace tarn::s3 {

Task<Result<PutObjectTaggingOutput>> handle(PutObjectTagging, S3& s3, const Caller&,
                                            PutObjectTaggingRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(check_version(input.version_id));
  TARN_CO_TRY(Tags tags, read_tags(input.tagging.tag_set));
  std::string version = input.version_id.value_or("");
  TARN_CO_TRY(const StoredObject object,
              co_await s3.store.set_tags(std::move(input.bucket), std::move(input.key),
                                         std::move(version), std::move(tags)));
  PutObjectTaggingOutput out;
  out.version_id = version_header(bucket, object);
  co_return out;
}

Task<Result<GetObjectTaggingOutput>> handle(GetObjectTagging, S3& s3, const Caller&,
                                            GetObjectTaggingRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_TRY(const StoredObject object, find_object(s3, input));
  GetObjectTaggingOutput out;
  out.version_id = version_header(bucket, object);
  out.tag_set = show_tags(object.tags);
  co_return out;
}

Task<Result<DeleteObjectTaggingOutput>> handle(DeleteObjectTagging, S3& s3, const Caller&,
                                               DeleteObjectTaggingRequest input) {
  TARN_CO_TRY(const StoredBucket bucket,
              expect_bucket(s3, input.bucket, input.expected_bucket_owner));
  TARN_CO_CHECK(check_version(input.version_id));
  std::string version = input.version_id.value_or("");
  Tags none;
  TARN_CO_TRY(const StoredObject object,
              co_await s3.store.set_tags(std::move(input.bucket), std::move(input.key),
                                         std::move(version), std::move(none)));
  DeleteObjectTaggingOutput out;
  out.version_id = version_header(bucket, object);
  co_return out;
}

}  // namespace tarn::s3
