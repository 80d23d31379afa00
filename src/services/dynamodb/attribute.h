// Attribute: the wire's AttributeValue to and from the room's Value, with the checks that every
// value must pass.
//
// Place: dynamodb; the edge of the room.
// Threads: pure functions.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "services/dynamodb/api.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

using WireItem = std::map<std::string, AttributeValue>;

// Errors: ValidationException (none or several types, a bad number, an empty or repeating set, NULL
// that is not true, nesting deeper than 32 levels), as DynamoDB words them.
[[nodiscard]] Result<Value> to_value(AttributeValue wire);
[[nodiscard]] Result<Item> to_item(WireItem wire);

[[nodiscard]] AttributeValue to_wire(Value value);
[[nodiscard]] WireItem to_wire(Item item);

// The item as JSON of the wire, for the bodies of errors.
[[nodiscard]] std::string to_wire_json(const Item& item);

}  // namespace tarn::dynamodb
