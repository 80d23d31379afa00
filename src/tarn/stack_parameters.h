// StackParameters: what stacks ask of EC2 and SSM about parameters of AWS-specific and SSM types.
//
// Place: tarn, which alone knows these rooms. Threads: the control strand.
#pragma once

#include <string>
#include <string_view>

#include "services/cloudformation/stacks.h"
#include "services/ec2/service.h"
#include "services/ssm/parameters.h"

namespace tarn::app {

class StackParameters final : public cloudformation::ParameterSource {
 public:
  // Both live on.
  StackParameters(const ec2::Network& network, const ssm::Parameters& parameters)
      : network_(network), parameters_(parameters) {}

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
  [[nodiscard]] Status check(const std::string& region, std::string_view type,
                             std::string_view value) const override;
  [[nodiscard]] Result<std::string> read(const std::string& region,
                                         std::string_view name) const override;

 private:
  const ec2::Network& network_;
  const ssm::Parameters& parameters_;
};

}  // namespace tarn::app
