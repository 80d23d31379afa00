// The session policy of temporary keys: the text that was passed and the managed policies that were
// named, together.
//
// Place: services/sts. Threads: the control strand.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/iam/managed_policies.h"
#include "services/iam/policy/document.h"
#include "services/sts/api.h"

namespace tarn::sts {

// What any of them allows and none denies, as one document; nullptr where nothing was passed.
// Errors: MalformedPolicyDocument (also: a managed policy that is not there), ValidationError (more
// than ten).
[[nodiscard]] Result<std::shared_ptr<const iam::policy::Document>> session_policy(
    const iam::ManagedPolicies& managed, const std::optional<std::string>& policy,
    const std::optional<std::vector<PolicyDescriptorType>>& arns);

}  // namespace tarn::sts
