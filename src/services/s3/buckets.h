// Buckets: made, listed, located, removed.
//
// Place: services/s3. Threads: data plane.
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

// Errors: those that the overlay declares.
Task<Result<ListBucketsOutput>> handle(ListBuckets, S3& s3, const Caller& caller,
                                       ListBucketsRequest input);
Task<Result<CreateBucketOutput>> handle(CreateBucket, S3& s3, const Caller& caller,
                                        CreateBucketRequest input);
Task<Result<HeadBucketOutput>> handle(HeadBucket, S3& s3, const Caller& caller,
                                      HeadBucketRequest input);
Task<Result<wire::Unit>> handle(DeleteBucket, S3& s3, const Caller& caller,
                                DeleteBucketRequest input);
Task<Result<GetBucketLocationOutput>> handle(GetBucketLocation, S3& s3, const Caller& caller,
                                             GetBucketLocationRequest input);

// Whether AWS takes `name` for a general purpose bucket
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
[[nodiscard]] bool is_bucket_name(std::string_view name);

}  // namespace tarn::s3
