// S3Service: the S3 API over the embedded object store.
//
// Place: services/s3; src/tarn makes one. Threads: start() and stop() belong to the owner; handlers
// run on any I/O thread.
#pragma once

#include <span>
#include <string>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/s3/bucket_policy.h"
#include "services/s3/cors.h"
#include "services/s3/embedded_store.h"
#include "services/s3/encryption.h"
#include "services/s3/expiry.h"
#include "services/s3/s3.h"
#include "services/s3/settings.h"
#include "store/store.h"

namespace tarn::s3 {

struct S3Options {
  std::string data_directory;  // bodies go into its folder `s3`
  std::string connector_path;  // the jar that stands for AWS's published connector; may be absent
};

class S3Service final : public gateway::Service {
 public:
  S3Service(platform::Platform platform, store::Store& store, const S3Options& options,
            kms::Keys& keys);

  // Ready when it returns; the sweep for orphaned bodies goes on behind. Errors: kIo, kDiskFull.
  [[nodiscard]] Task<Status> start();
  [[nodiscard]] Task<void> stop();

  // For other rooms, in process.
  [[nodiscard]] ObjectStore& store() { return store_; }
  // For the gateway.
  [[nodiscard]] const gateway::CrossOrigin& cross_origin() const { return cors_; }
  // For the authorizer.
  [[nodiscard]] const iam::ResourcePolicies& policies() const { return policies_; }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &s3_; }

 private:
  platform::Platform platform_;
  Encryption encryption_;
  EmbeddedStore store_;
  Settings settings_;
  Cors cors_;
  BucketPolicies policies_;
  Expiry expiry_;
  S3 s3_;
};

}  // namespace tarn::s3
