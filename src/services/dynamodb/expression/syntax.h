// Syntax: the trees that expressions become.
//
// Place: dynamodb/expression. parser.h makes them of text, legacy.h of the older parameters;
// evaluate.h, update.h and projection.h run them. Threads: value types.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

// One step of a document path: a name (of the top level or a map) or the index of a list's element.
struct PathStep {
  std::string name;
  std::size_t index = 0;
  bool is_index = false;
  auto operator<=>(const PathStep&) const = default;
};
using Path = std::vector<PathStep>;  // the first step is a name

// "[a, [0], b]", as DynamoDB's messages show paths.
[[nodiscard]] std::string describe(const Path& path);

// Where values come from: a condition's or an update's operand.
struct Operand {
  enum class Kind : unsigned char {
    kPath,
    kValue,
    kSize,  // size(path)
    kIfNotExists,
    kListAppend,
    kPlus,
    kMinus  // of update expressions
  };
  Kind kind = Kind::kValue;
  Path path;                      // kPath, kSize, kIfNotExists
  Value value;                    // kValue
  std::vector<Operand> operands;  // kIfNotExists: 1; kListAppend, kPlus, kMinus: 2
};

enum class Comparator : unsigned char {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual
};

// A condition: of ConditionExpression, FilterExpression and KeyConditionExpression.
struct Predicate {
  enum class Kind : unsigned char {
    kAnd,
    kOr,   // of children, at least two
    kNot,  // of one child
    kCompare,
    kBetween,
    kIn,
    kAttributeExists,
    kAttributeNotExists,
    kAttributeType,
    kBeginsWith,
    kContains
  };
  Kind kind = Kind::kAnd;
  Comparator comparator = Comparator::kEqual;  // kCompare
  std::vector<Predicate> children;
  std::vector<Operand> operands;  // kBetween: value, low, high; kIn: value, candidates
};

// An UpdateExpression.
struct UpdatePlan {
  struct Set {
    Path path;
    Operand operand;
  };
  struct Change {
    Path path;
    Value value;
  };
  std::vector<Set> sets;
  std::vector<Path> removes;
  std::vector<Change> adds;
  std::vector<Change> deletes;  // of members of sets

  // Every path that the update touches.
  [[nodiscard]] std::vector<Path> paths() const;
};

}  // namespace tarn::dynamodb
