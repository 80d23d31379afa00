// Versioning: whether a bucket keeps versions, and which it has.
//
// Place: services/s3. Threads: data plane. Errors: those that the overlay declares.
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

Task<Result<wire::Unit>> handle(PutBucketVersioning, S3& s3, const Caller& caller,
                                PutBucketVersioningRequest input);
Task<Result<GetBucketVersioningOutput>> handle(GetBucketVersioning, S3& s3, const Caller& caller,
                                               GetBucketVersioningRequest input);
Task<Result<ListObjectVersionsOutput>> handle(ListObjectVersions, S3& s3, const Caller& caller,
                                              ListObjectVersionsRequest input);

}  // namespace tarn::s3
