// Legacy: the parameters that expressions replaced, as the trees of expressions. The KCL still
// speaks them.
//
// Place: dynamodb. Source:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
// Threads: pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/dynamodb/api.h"
#include "services/dynamodb/expression/syntax.h"

namespace tarn::dynamodb {

// Errors of all: ValidationException (an operator with the wrong number or types of values, a bad
// value).

[[nodiscard]] Result<std::optional<Predicate>> predicate_of_expected(
    std::map<std::string, ExpectedAttributeValue> expected,
    const std::optional<std::string>& conditional_operator);

// Of KeyConditions, QueryFilter or ScanFilter.
[[nodiscard]] Result<std::optional<Predicate>> predicate_of_conditions(
    std::map<std::string, Condition> conditions,
    const std::optional<std::string>& conditional_operator);

[[nodiscard]] Result<UpdatePlan> plan_of_updates(
    std::map<std::string, AttributeValueUpdate> updates);

// Of AttributesToGet.
[[nodiscard]] Result<std::vector<Path>> paths_of_names(const std::vector<std::string>& names);

}  // namespace tarn::dynamodb
