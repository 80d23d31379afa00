// Objects: read, written, copied, removed.
//
// Place: services/s3. Threads: data plane. Errors: those that the overlay declares.
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

Task<Result<GetObjectOutput>> handle(GetObject, S3& s3, const Caller& caller,
                                     GetObjectRequest input);
Task<Result<HeadObjectOutput>> handle(HeadObject, S3& s3, const Caller& caller,
                                      HeadObjectRequest input);
Task<Result<GetObjectAttributesOutput>> handle(GetObjectAttributes, S3& s3, const Caller& caller,
                                               GetObjectAttributesRequest input);
Task<Result<PutObjectOutput>> handle(PutObject, S3& s3, const Caller& caller,
                                     PutObjectRequest input);
Task<Result<CopyObjectOutput>> handle(CopyObject, S3& s3, const Caller& caller,
                                      CopyObjectRequest input);
Task<Result<DeleteObjectOutput>> handle(DeleteObject, S3& s3, const Caller& caller,
                                        DeleteObjectRequest input);
Task<Result<DeleteObjectsOutput>> handle(DeleteObjects, S3& s3, const Caller& caller,
                                         DeleteObjectsRequest input);

}  // namespace tarn::s3
