// Projection: the part of an item that some paths lead to.
//
// Place: dynamodb/expression; serves ProjectionExpression, AttributesToGet and ReturnValues
// UPDATED_OLD and UPDATED_NEW. Threads: pure functions.
#pragma once

#include <vector>

#include "services/dynamodb/expression/syntax.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

// What `paths` (none of which overlap) lead to, in the shape it has in `item`; elements of lists
// close ranks.
[[nodiscard]] Item project(const Item& item, const std::vector<Path>& paths);

}  // namespace tarn::dynamodb
