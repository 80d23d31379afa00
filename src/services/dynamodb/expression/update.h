// Applying an update expression to an item.
//
// Place: dynamodb/expression. Source:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
// Threads: pure functions.
#pragma once

#include "base/result.h"
#include "services/dynamodb/expression/syntax.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

// `item` after `update`. All operands are read from `item` as it was before.
// Errors: ValidationException (a missing attribute, a wrong type, a path that leads nowhere, a
// number that does not fit).
[[nodiscard]] Result<Item> apply_update(const UpdatePlan& update, const Item& item);

}  // namespace tarn::dynamodb
