// The resource types that stacks can make of Amazon S3.
//
// Place: services/s3/resources; src/tarn adds them to the service of stacks. Threads: the control
// strand.
#pragma once

#include <memory>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::s3 {

// AWS::S3::Bucket, AWS::S3::BucketPolicy. `calls` must live on.
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> bucket_type(
    const gateway::InProcess& calls);
[[nodiscard]] std::unique_ptr<cloudformation::ResourceType> bucket_policy_type(
    const gateway::InProcess& calls);

}  // namespace tarn::s3
