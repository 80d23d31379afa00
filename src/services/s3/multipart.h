// Multipart uploads over the API.
//
// Place: services/s3. Threads: data plane. Errors: those that the overlay declares.
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

Task<Result<CreateMultipartUploadOutput>> handle(CreateMultipartUpload, S3& s3,
                                                 const Caller& caller,
                                                 CreateMultipartUploadRequest input);
Task<Result<UploadPartOutput>> handle(UploadPart, S3& s3, const Caller& caller,
                                      UploadPartRequest input);
Task<Result<UploadPartCopyOutput>> handle(UploadPartCopy, S3& s3, const Caller& caller,
                                          UploadPartCopyRequest input);
Task<Result<CompleteMultipartUploadOutput>> handle(CompleteMultipartUpload, S3& s3,
                                                   const Caller& caller,
                                                   CompleteMultipartUploadRequest input);
Task<Result<AbortMultipartUploadOutput>> handle(AbortMultipartUpload, S3& s3, const Caller& caller,
                                                AbortMultipartUploadRequest input);
Task<Result<ListPartsOutput>> handle(ListParts, S3& s3, const Caller& caller,
                                     ListPartsRequest input);
Task<Result<ListMultipartUploadsOutput>> handle(ListMultipartUploads, S3& s3, const Caller& caller,
                                                ListMultipartUploadsRequest input);

}  // namespace tarn::s3
