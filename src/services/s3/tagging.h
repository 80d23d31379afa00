// Tagging: the tags of objects.
//
// Place: services/s3. Threads: data plane. Errors: those that the overlay declares.
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

Task<Result<PutObjectTaggingOutput>> handle(PutObjectTagging, S3& s3, const Caller& caller,
                                            PutObjectTaggingRequest input);
Task<Result<GetObjectTaggingOutput>> handle(GetObjectTagging, S3& s3, const Caller& caller,
                                            GetObjectTaggingRequest input);
Task<Result<DeleteObjectTaggingOutput>> handle(DeleteObjectTagging, S3& s3, const Caller& caller,
                                               DeleteObjectTaggingRequest input);

}  // namespace tarn::s3
