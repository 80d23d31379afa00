// Roles, instance profiles and managed policies as a template would write them.
//
// Place: services/iam/resources. Threads: the control strand.
#pragma once

#include <optional>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::iam {

using Present = std::optional<cloudformation::PresentResource>;

// Nothing where it is gone. Errors: those of the actions that tell it.
[[nodiscard]] Task<Result<Present>> read_role(const gateway::InProcess& calls,
                                              cloudformation::ResourceOrder order);
[[nodiscard]] Task<Result<Present>> read_instance_profile(const gateway::InProcess& calls,
                                                          cloudformation::ResourceOrder order);
[[nodiscard]] Task<Result<Present>> read_managed_policy(const gateway::InProcess& calls,
                                                        cloudformation::ResourceOrder order);

// What Fn::GetAtt gives, of what GetRole and its kin tell.
[[nodiscard]] nlohmann::json role_attributes(const nlohmann::json& role);
[[nodiscard]] nlohmann::json profile_attributes(const nlohmann::json& profile);
[[nodiscard]] nlohmann::json policy_attributes(const nlohmann::json& policy);

}  // namespace tarn::iam
