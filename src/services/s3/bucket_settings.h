// What a bucket is set to: tags, CORS, lifecycle, encryption; and what it has for the settings tarn
// has not.
//
// Place: services/s3. Threads: data plane. Errors: those that the overlay declares.
#pragma once

#include "gateway/service.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

// bucket_settings.cc
Task<Result<wire::Unit>> handle(PutBucketTagging, S3& s3, const Caller& caller,
                                PutBucketTaggingRequest input);
Task<Result<GetBucketTaggingOutput>> handle(GetBucketTagging, S3& s3, const Caller& caller,
                                            GetBucketTaggingRequest input);
Task<Result<wire::Unit>> handle(DeleteBucketTagging, S3& s3, const Caller& caller,
                                DeleteBucketTaggingRequest input);
Task<Result<wire::Unit>> handle(PutBucketCors, S3& s3, const Caller& caller,
                                PutBucketCorsRequest input);
Task<Result<GetBucketCorsOutput>> handle(GetBucketCors, S3& s3, const Caller& caller,
                                         GetBucketCorsRequest input);
Task<Result<wire::Unit>> handle(DeleteBucketCors, S3& s3, const Caller& caller,
                                DeleteBucketCorsRequest input);

// bucket_encryption.cc
Task<Result<wire::Unit>> handle(PutBucketEncryption, S3& s3, const Caller& caller,
                                PutBucketEncryptionRequest input);
Task<Result<GetBucketEncryptionOutput>> handle(GetBucketEncryption, S3& s3, const Caller& caller,
                                               GetBucketEncryptionRequest input);
Task<Result<wire::Unit>> handle(DeleteBucketEncryption, S3& s3, const Caller& caller,
                                DeleteBucketEncryptionRequest input);

// lifecycle_actions.cc
Task<Result<PutBucketLifecycleConfigurationOutput>> handle(
    PutBucketLifecycleConfiguration, S3& s3, const Caller& caller,
    PutBucketLifecycleConfigurationRequest input);
Task<Result<GetBucketLifecycleConfigurationOutput>> handle(
    GetBucketLifecycleConfiguration, S3& s3, const Caller& caller,
    GetBucketLifecycleConfigurationRequest input);
Task<Result<wire::Unit>> handle(DeleteBucketLifecycle, S3& s3, const Caller& caller,
                                DeleteBucketLifecycleRequest input);

// bucket_defaults.cc
Task<Result<GetBucketRequestPaymentOutput>> handle(GetBucketRequestPayment, S3& s3,
                                                   const Caller& caller,
                                                   GetBucketRequestPaymentRequest input);
Task<Result<GetBucketLoggingOutput>> handle(GetBucketLogging, S3& s3, const Caller& caller,
                                            GetBucketLoggingRequest input);
Task<Result<GetBucketWebsiteOutput>> handle(GetBucketWebsite, S3& s3, const Caller& caller,
                                            GetBucketWebsiteRequest input);
Task<Result<GetBucketAccelerateConfigurationOutput>> handle(
    GetBucketAccelerateConfiguration, S3& s3, const Caller& caller,
    GetBucketAccelerateConfigurationRequest input);
Task<Result<GetBucketReplicationOutput>> handle(GetBucketReplication, S3& s3, const Caller& caller,
                                                GetBucketReplicationRequest input);
Task<Result<GetObjectLockConfigurationOutput>> handle(GetObjectLockConfiguration, S3& s3,
                                                      const Caller& caller,
                                                      GetObjectLockConfigurationRequest input);
Task<Result<NotificationConfiguration>> handle(GetBucketNotificationConfiguration, S3& s3,
                                               const Caller& caller,
                                               GetBucketNotificationConfigurationRequest input);

}  // namespace tarn::s3
