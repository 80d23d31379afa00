// ParameterFilters of DescribeParameters and GetParametersByPath.
//
// Place: services/ssm. Source:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
// Threads: pure.
#pragma once

#include <optional>
#include <vector>

#include "services/ssm/request.h"

namespace tarn::ssm {

// Whether every filter lets the parameter through. Errors: InvalidFilterKey, InvalidFilterOption.
[[nodiscard]] Result<bool> passes_filters(
    const ParameterRecord& record,
    const std::optional<std::vector<ParameterStringFilter>>& filters);

}  // namespace tarn::ssm
