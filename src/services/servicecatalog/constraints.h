// What constraints say: their parameters, as JSON.
//
// Place: services/servicecatalog. Source of types and parameters:
// https://docs.aws.amazon.com/servicecatalog/latest/dg/API_CreateConstraint.html Threads: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/service.h"
#include "services/servicecatalog/records.h"

namespace tarn::servicecatalog {

// Errors: NotImplemented (RESOURCE_UPDATE, STACKSET), InvalidParametersException.
[[nodiscard]] Status check_constraint(std::string_view type, std::string_view parameters);

// Of a LAUNCH constraint: the ARN of its role, also where the account's own is named
// (LocalRoleName).
[[nodiscard]] std::string launch_role_of(const Caller& caller, std::string_view parameters);
// Of a NOTIFICATION constraint.
[[nodiscard]] std::vector<std::string> notification_arns_of(std::string_view parameters);

}  // namespace tarn::servicecatalog
