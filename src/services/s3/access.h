// Who may use a bucket: its policy, the block on public access, ownership and the one ACL.
//
// Place: services/s3. Threads: data plane. Errors: those that the overlay declares.
//
// Buckets have the settings that AWS gives new ones since 2023: ownership is BucketOwnerEnforced,
// so that ACLs decide nothing, and public access is blocked until the block is taken away
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html).
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

Task<Result<wire::Unit>> handle(PutPublicAccessBlock, S3& s3, const Caller& caller,
                                PutPublicAccessBlockRequest input);
Task<Result<GetPublicAccessBlockOutput>> handle(GetPublicAccessBlock, S3& s3, const Caller& caller,
                                                GetPublicAccessBlockRequest input);
Task<Result<wire::Unit>> handle(DeletePublicAccessBlock, S3& s3, const Caller& caller,
                                DeletePublicAccessBlockRequest input);
Task<Result<wire::Unit>> handle(PutBucketOwnershipControls, S3& s3, const Caller& caller,
                                PutBucketOwnershipControlsRequest input);
Task<Result<GetBucketOwnershipControlsOutput>> handle(GetBucketOwnershipControls, S3& s3,
                                                      const Caller& caller,
                                                      GetBucketOwnershipControlsRequest input);
Task<Result<wire::Unit>> handle(DeleteBucketOwnershipControls, S3& s3, const Caller& caller,
                                DeleteBucketOwnershipControlsRequest input);
Task<Result<GetBucketAclOutput>> handle(GetBucketAcl, S3& s3, const Caller& caller,
                                        GetBucketAclRequest input);
Task<Result<wire::Unit>> handle(PutBucketAcl, S3& s3, const Caller& caller,
                                PutBucketAclRequest input);
Task<Result<GetObjectAclOutput>> handle(GetObjectAcl, S3& s3, const Caller& caller,
                                        GetObjectAclRequest input);
Task<Result<PutObjectAclOutput>> handle(PutObjectAcl, S3& s3, const Caller& caller,
                                        PutObjectAclRequest input);

}  // namespace tarn::s3
