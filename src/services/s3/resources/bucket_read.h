// A bucket as a template would write it.
//
// Place: services/s3/resources, for AWS::S3::Bucket. Threads: the control strand.
#pragma once

#include <optional>
#include <string>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::s3 {

// What Fn::GetAtt gives.
[[nodiscard]] nlohmann::json bucket_attributes(const std::string& name, const std::string& region);

// Nothing where it is gone. Errors: those of the actions that tell it.
[[nodiscard]] Task<Result<std::optional<cloudformation::PresentResource>>> read_bucket(
    const gateway::InProcess& calls, cloudformation::ResourceOrder order);

}  // namespace tarn::s3
