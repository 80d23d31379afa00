#include "services/s3/service.h"

#include "services/s3/buckets.h"
#include "services/s3/lists.h"
#include "services/s3/multipart.h"
#include "services/s3/objects.h"

namespace tarn::s3 {

using Actions =
    gateway::ActionList<S3, ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation,
                        PutObject, GetObject, HeadObject, CopyObject, DeleteObject, DeleteObjects,
                        ListObjects, ListObjectsV2, CreateMultipartUpload, UploadPart,
                        UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload, ListParts,
                        ListMultipartUploads>;

S3Service::S3Service(platform::Platform platform, store::Store& store, const S3Options& options)
    : store_(platform, store, options.data_directory + "/s3"),
      s3_{platform, store_, store_.uploads(), tarn_public_objects(options.connector_path)} {}

Task<Status> S3Service::start() {
  return store_.start();
}

Task<void> S3Service::stop() {
  return store_.stop();
}

const wire::ServiceModel& S3Service::model() const {
  return service_model();
}

std::span<const gateway::Action> S3Service::actions() const {
  return Actions::table();
}

}  // namespace tarn::s3
