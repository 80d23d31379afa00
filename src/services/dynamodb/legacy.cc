#include "services/dynamodb/legacy.h"

#include <algorithm>
#include <array>
#include <utility>

#include "services/dynamodb/attribute.h"
#include "services/dynamodb/expression/evaluate.h"
#include "services/dynamodb/refusal.h"

namespace tarn::dynamodb {
namespace {

struct Operator {
  std::string_view name;
  Predicate::Kind kind;
  Comparator comparator;
  bool negated;
  std::size_t least;  // values
  std::size_t most;
};
constexpr Comparator kNo = Comparator::kEqual;
constexpr std::array<Operator, 13> kOperators = {
    {{"EQ", Predicate::Kind::kCompare, Comparator::kEqual, false, 1, 1},
     {"NE", Predicate::Kind::kCompare, Comparator::kNotEqual, false, 1, 1},
     {"LE", Predicate::Kind::kCompare, Comparator::kLessOrEqual, false, 1, 1},
     {"LT", Predicate::Kind::kCompare, Comparator::kLess, false, 1, 1},
     {"GE", Predicate::Kind::kCompare, Comparator::kGreaterOrEqual, false, 1, 1},
     {"GT", Predicate::Kind::kCompare, Comparator::kGreater, false, 1, 1},
     {"NOT_NULL", Predicate::Kind::kAttributeExists, kNo, false, 0, 0},
     {"NULL", Predicate::Kind::kAttributeNotExists, kNo, false, 0, 0},
     {"CONTAINS", Predicate::Kind::kContains, kNo, false, 1, 1},
     {"NOT_CONTAINS", Predicate::Kind::kContains, kNo, true, 1, 1},
     {"BEGINS_WITH", Predicate::Kind::kBeginsWith, kNo, false, 1, 1},
     {"IN", Predicate::Kind::kIn, kNo, false, 1, 100},
     {"BETWEEN", Predicate::Kind::kBetween, kNo, false, 2, 2}}};

Path path_of(const std::string& name) {
  return {PathStep{name, 0, false}};
}

Operand path_operand(const std::string& name) {
  Operand out;
  out.kind = Operand::Kind::kPath;
  out.path = path_of(name);
  return out;
}

Operand value_operand(Value value) {
  Operand out;
  out.value = std::move(value);
  return out;
}

bool is_scalar(const Value& value) {
  return value.is(Type::kString) || value.is(Type::kNumber) || value.is(Type::kBinary);
}

Status check_values(const Operator& op, const std::vector<Value>& values) {
  const std::string name(op.name);
  if (values.size() < op.least || values.size() > op.most) {
    return invalid_value("Invalid number of argument(s) for the " + name + " ComparisonOperator");
  }
  const bool any_type = op.comparator == Comparator::kNotEqual ||
                        (op.kind == Predicate::Kind::kCompare && op.name == "EQ");
  for (const auto& value : values) {
    if (any_type || is_scalar(value)) continue;
    return invalid_value("ComparisonOperator " + name + " is not valid for " +
                         std::string(type_name(value.type())) + " AttributeValue type");
  }
  if (op.kind == Predicate::Kind::kBetween && compare(values[0], values[1]) == Order::kGreater) {
    return Error("ValidationException",
                 "The BETWEEN condition was provided a range where the lower bound is greater than "
                 "the upper bound");
  }
  return {};
}

Result<Predicate> predicate_of(const std::string& attribute, const std::string& comparison,
                               std::vector<AttributeValue> wires) {
  const auto* op = std::find_if(kOperators.begin(), kOperators.end(),
                                [&](const Operator& each) { return each.name == comparison; });
  if (op == kOperators.end()) return invalid_value("Unknown ComparisonOperator " + comparison);
  std::vector<Value> values;
  for (auto& wire : wires) {
    TARN_TRY(auto value, to_value(std::move(wire)));
    values.push_back(std::move(value));
  }
  TARN_CHECK(check_values(*op, values));
  Predicate out;
  out.kind = op->kind;
  out.comparator = op->comparator;
  out.operands.push_back(path_operand(attribute));
  for (auto& value : values) out.operands.push_back(value_operand(std::move(value)));
  if (!op->negated) return out;
  Predicate negation;
  negation.kind = Predicate::Kind::kNot;
  negation.children.push_back(std::move(out));
  return negation;
}

Result<Predicate> predicate_of(const std::string& attribute, ExpectedAttributeValue expected) {
  std::vector<AttributeValue> values;
  if (expected.comparison_operator) {
    if (expected.exists)
      return invalid_value("Exists and ComparisonOperator cannot be used together for Attribute: " +
                           attribute);
    if (expected.attribute_value_list) values = std::move(*expected.attribute_value_list);
    if (expected.value) values.push_back(std::move(*expected.value));
    return predicate_of(attribute, *expected.comparison_operator, std::move(values));
  }
  const bool exists = expected.exists.value_or(true);
  if (!exists) {
    if (expected.value)
      return invalid_value("Value cannot be used when Exists is false for Attribute: " + attribute);
    return predicate_of(attribute, "NULL", {});
  }
  if (!expected.value) {
    return invalid_value(
        expected.exists
            ? "Value must be provided when Exists is true for Attribute: " + attribute
            : "Value or AttributeValueList must be used with ComparisonOperator for Attribute: " +
                  attribute);
  }
  values.push_back(std::move(*expected.value));
  return predicate_of(attribute, "EQ", std::move(values));
}

std::optional<Predicate> joined(std::vector<Predicate> parts,
                                const std::optional<std::string>& conditional_operator) {
  if (parts.empty()) return std::nullopt;
  if (parts.size() == 1) return std::move(parts[0]);
  Predicate out;
  out.kind = conditional_operator == "OR" ? Predicate::Kind::kOr : Predicate::Kind::kAnd;
  out.children = std::move(parts);
  return out;
}

bool is_set(const Value& value) {
  return value.is(Type::kStringSet) || value.is(Type::kNumberSet) || value.is(Type::kBinarySet);
}

// ADD also appends to a list, which the ADD of expressions does not.
UpdatePlan::Set append_to_list(const std::string& name, Value list) {
  Operand none;
  none.value = Value{List{}};
  Operand old;
  old.kind = Operand::Kind::kIfNotExists;
  old.path = path_of(name);
  old.operands.push_back(std::move(none));
  Operand out;
  out.kind = Operand::Kind::kListAppend;
  out.operands.push_back(std::move(old));
  out.operands.push_back(value_operand(std::move(list)));
  return {path_of(name), std::move(out)};
}

Status add_update(const std::string& name, const std::string& action, std::optional<Value> value,
                  UpdatePlan& plan) {
  if (action == "DELETE") {
    if (!value) {
      plan.removes.push_back(path_of(name));
    } else if (is_set(*value)) {
      plan.deletes.push_back({path_of(name), std::move(*value)});
    } else {
      return invalid_value("DELETE action with value is not supported for the type " +
                           std::string(type_name(value->type())));
    }
    return {};
  }
  if (!value)
    return invalid_value("Only DELETE action is allowed when no attribute value is specified");
  if (action == "PUT") {
    plan.sets.push_back({path_of(name), value_operand(std::move(*value))});
  } else if (value->is(Type::kList)) {
    plan.sets.push_back(append_to_list(name, std::move(*value)));
  } else if (value->is(Type::kNumber) || is_set(*value)) {
    plan.adds.push_back({path_of(name), std::move(*value)});
  } else {
    return invalid_value("ADD action is not supported for the type " +
                         std::string(type_name(value->type())));
  }
  return {};
}

}  // namespace

Result<std::optional<Predicate>> predicate_of_expected(
    std::map<std::string, ExpectedAttributeValue> expected,
    const std::optional<std::string>& conditional_operator) {
  std::vector<Predicate> parts;
  for (auto& [name, each] : expected) {
    TARN_TRY(auto part, predicate_of(name, std::move(each)));
    parts.push_back(std::move(part));
  }
  return joined(std::move(parts), conditional_operator);
}

Result<std::optional<Predicate>> predicate_of_conditions(
    std::map<std::string, Condition> conditions,
    const std::optional<std::string>& conditional_operator) {
  std::vector<Predicate> parts;
  for (auto& [name, each] : conditions) {
    std::vector<AttributeValue> values;
    if (each.attribute_value_list) values = std::move(*each.attribute_value_list);
    TARN_TRY(auto part, predicate_of(name, each.comparison_operator, std::move(values)));
    parts.push_back(std::move(part));
  }
  return joined(std::move(parts), conditional_operator);
}

Result<UpdatePlan> plan_of_updates(std::map<std::string, AttributeValueUpdate> updates) {
  UpdatePlan plan;
  for (auto& [name, each] : updates) {
    std::optional<Value> value;
    if (each.value) {
      TARN_TRY(value, to_value(std::move(*each.value)));
    }
    TARN_CHECK(add_update(name, each.action.value_or("PUT"), std::move(value), plan));
  }
  return plan;
}

Result<std::vector<Path>> paths_of_names(const std::vector<std::string>& names) {
  std::vector<Path> out;
  for (const auto& name : names) {
    const Path path = path_of(name);
    if (std::find(out.begin(), out.end(), path) != out.end()) {
      return invalid_value("Duplicate value in attribute name: " + name);
    }
    out.push_back(path);
  }
  return out;
}

}  // namespace tarn::dynamodb
