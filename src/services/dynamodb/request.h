// Request: what item requests have in common: their expressions, in either style.
//
// Place: dynamodb, between the wire's inputs and the item store.
// Threads: for one request.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/dynamodb/api.h"
#include "services/dynamodb/attribute.h"
#include "services/dynamodb/expression/placeholders.h"
#include "services/dynamodb/expression/syntax.h"

namespace tarn::dynamodb {

struct TableRecord;

using WireNames = std::optional<std::map<std::string, std::string>>;
using WireValues = std::optional<WireItem>;

// An optional parameter of a request: its name, and whether it was given.
struct Given {
  std::string_view name;
  bool present;
};

// Error: ValidationException, where older parameters stand beside expressions.
[[nodiscard]] Status check_one_style(const std::vector<Given>& older,
                                     const std::vector<Given>& expressions);

// The request's #names and :values, where `expressions` may use them.
// Errors: ValidationException (a bad value, values without an expression).
[[nodiscard]] Result<Placeholders> placeholders_of(const WireNames& names, WireValues values,
                                                   const std::vector<Given>& expressions);

// The condition of a write: of ConditionExpression, or of Expected with ConditionalOperator.
struct ConditionSource {
  const std::optional<std::string>& expression;
  std::optional<std::map<std::string, ExpectedAttributeValue>>& expected;
  const std::optional<std::string>& conditional_operator;
};
[[nodiscard]] Result<std::optional<Predicate>> condition_of(ConditionSource source,
                                                            Placeholders& placeholders);

// Error: ValidationException, where `paths` change an attribute of the table's key.

[[nodiscard]] Status check_keys_untouched(const TableRecord& table, const std::vector<Path>& paths);

}  // namespace tarn::dynamodb
