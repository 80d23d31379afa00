// Key conditions: which part of a table or index a Query walks.
//
// Place: dynamodb/expression. Source:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "services/dynamodb/expression/syntax.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

struct KeyAttribute {
  std::string name;
  Type type = Type::kString;  // kString, kNumber or kBinary
  bool operator==(const KeyAttribute&) const = default;
};

struct KeySchema {
  KeyAttribute hash;
  std::optional<KeyAttribute> range;
  bool operator==(const KeySchema&) const = default;
};

struct KeyCondition {
  enum class Kind : unsigned char {
    kAll,
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kBetween,
    kBeginsWith
  };
  Value hash;
  Kind range = Kind::kAll;  // of the sort key
  Value low;                // the operand; kBetween: the lower bound
  Value high;               // kBetween: the upper bound
};

// Errors: ValidationException (the hash key is missing or not compared by "=", another attribute,
// an operator that keys do not know, a value of the wrong type).
[[nodiscard]] Result<KeyCondition> key_condition(const Predicate& predicate,
                                                 const KeySchema& schema);

}  // namespace tarn::dynamodb
