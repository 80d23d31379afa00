// VPCs, subnets and security groups as a template would write them.
//
// Place: services/ec2/resources. Threads: the control strand.
#pragma once

#include <optional>

#include "services/ec2/resources/ec2_calls.h"

namespace tarn::ec2 {

using Present = std::optional<cloudformation::PresentResource>;

// Nothing where it is gone. Errors: those of the actions that tell it.
[[nodiscard]] Task<Result<Present>> read_vpc(const gateway::InProcess& calls, ResourceOrder order);
[[nodiscard]] Task<Result<Present>> read_subnet(const gateway::InProcess& calls,
                                                ResourceOrder order);
[[nodiscard]] Task<Result<Present>> read_security_group(const gateway::InProcess& calls,
                                                        ResourceOrder order);

// Fn::GetAtt VPC.DefaultSecurityGroup.
[[nodiscard]] Task<Result<Json>> default_group_of(const gateway::InProcess& calls, Caller caller,
                                                  std::string vpc_id);

}  // namespace tarn::ec2
