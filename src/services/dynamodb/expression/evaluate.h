// Evaluate: conditions against an item.
//
// Place: dynamodb/expression. Source of the semantics:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "services/dynamodb/expression/syntax.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

// Whether `item` fulfils `predicate`. Values of different or unordered types are never less, equal
// or greater; a missing attribute equals nothing (so it differs from everything).
[[nodiscard]] bool holds(const Predicate& predicate, const Item& item);

// The value at `path`, or nullptr.
[[nodiscard]] const Value* find(const Path& path, const Item& item);

enum class Order : unsigned char { kLess, kEqual, kGreater, kNone };
// kNone: not two strings, two numbers or two binaries.
[[nodiscard]] Order compare(const Value& a, const Value& b);

// What size() gives; nothing for numbers, booleans and null.
[[nodiscard]] std::optional<Decimal> size_of(const Value& value);

// The type called "S", "NS", …; nothing for another name.
[[nodiscard]] std::optional<Type> type_of_name(std::string_view name);

[[nodiscard]] bool begins_with(const Value& value, const Value& prefix);
[[nodiscard]] bool contains(const Value& value, const Value& element);

}  // namespace tarn::dynamodb
