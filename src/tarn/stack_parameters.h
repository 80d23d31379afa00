// StackParameters: what stacks ask of EC2 about parameters of AWS-specific types.
//
// Place: tarn, which alone knows both rooms. Threads: the control strand.
#pragma once

#include <string>
#include <string_view>

#include "services/cloudformation/stacks.h"
#include "services/ec2/service.h"

namespace tarn::app {

class StackParameters final : public cloudformation::ParameterSource {
 public:
  // Lives on.
  explicit StackParameters(const ec2::Network& network) : network_(network) {}

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
  [[nodiscard]] Status check(const std::string& region, std::string_view type,
                             std::string_view value) const override;
  [[nodiscard]] Result<std::string> read(const std::string& region,
                                         std::string_view name) const override;

 private:
  const ec2::Network& network_;
};

}  // namespace tarn::app
