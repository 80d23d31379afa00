#include "services/dynamodb/expression/key_condition.h"

#include <utility>
#include <vector>

#include "services/dynamodb/expression/evaluate.h"
#include "services/dynamodb/expression/lexer.h"
#include "services/dynamodb/refusal.h"

namespace tarn::dynamodb {
namespace {

constexpr std::string_view kKind = "KeyConditionExpression";

Error not_supported() {
  return invalid("Query key condition not supported");
}

// One condition on one attribute: name OPERATOR low [high].
struct Term {
  std::string name;
  KeyCondition::Kind kind = KeyCondition::Kind::kEqual;
  Value low;
  Value high;
};

std::string_view operator_name(const Predicate& predicate) {
  switch (predicate.kind) {
    case Predicate::Kind::kOr: return "OR";
    case Predicate::Kind::kNot: return "NOT";
    case Predicate::Kind::kIn: return "IN";
    case Predicate::Kind::kAttributeExists: return "attribute_exists";
    case Predicate::Kind::kAttributeNotExists: return "attribute_not_exists";
    case Predicate::Kind::kAttributeType: return "attribute_type";
    case Predicate::Kind::kContains: return "contains";
    default: return "<>";
  }
}

Error wrong_operator(const Predicate& predicate) {
  return invalid("Invalid operator used in KeyConditionExpression: " +
                 std::string(operator_name(predicate)));
}

KeyCondition::Kind kind_of(Comparator comparator) {
  switch (comparator) {
    case Comparator::kLess: return KeyCondition::Kind::kLess;
    case Comparator::kLessOrEqual: return KeyCondition::Kind::kLessOrEqual;
    case Comparator::kGreater: return KeyCondition::Kind::kGreater;
    case Comparator::kGreaterOrEqual: return KeyCondition::Kind::kGreaterOrEqual;
    default: return KeyCondition::Kind::kEqual;
  }
}

// The comparator of b OP a where a comparator of a OP b is given.
Comparator turned(Comparator comparator) {
  switch (comparator) {
    case Comparator::kLess: return Comparator::kGreater;
    case Comparator::kLessOrEqual: return Comparator::kGreaterOrEqual;
    case Comparator::kGreater: return Comparator::kLess;
    case Comparator::kGreaterOrEqual: return Comparator::kLessOrEqual;
    default: return comparator;
  }
}

Result<Term> term_of(Predicate predicate) {
  using Kind = Predicate::Kind;
  Term term;
  if (predicate.kind == Kind::kBetween) {
    term.kind = KeyCondition::Kind::kBetween;
  } else if (predicate.kind == Kind::kBeginsWith) {
    term.kind = KeyCondition::Kind::kBeginsWith;
  } else if (predicate.kind == Kind::kCompare && predicate.comparator != Comparator::kNotEqual) {
    if (predicate.operands[0].kind == Operand::Kind::kValue) {
      std::swap(predicate.operands[0], predicate.operands[1]);
      predicate.comparator = turned(predicate.comparator);
    }
    term.kind = kind_of(predicate.comparator);
  } else {
    return wrong_operator(predicate);
  }
  auto& operands = predicate.operands;
  if (operands[0].kind == Operand::Kind::kSize) return wrong_operator(predicate);
  if (operands[0].kind != Operand::Kind::kPath) {
    return invalid_expression(kKind, "No key attribute is part of the condition");
  }
  if (operands[0].path.size() != 1) {
    return invalid_expression(
        kKind, "KeyConditionExpressions cannot have conditions on nested attributes");
  }
  term.name = operands[0].path[0].name;
  for (std::size_t i = 1; i < operands.size(); ++i) {
    if (operands[i].kind != Operand::Kind::kValue) return not_supported();
  }
  term.low = std::move(operands[1].value);
  if (operands.size() > 2) term.high = std::move(operands[2].value);
  return term;
}

// The conditions that AND joins, however they are nested.
Status flatten(const Predicate& predicate, std::vector<Term>& terms) {
  if (predicate.kind == Predicate::Kind::kAnd) {
    for (const auto& child : predicate.children) TARN_CHECK(flatten(child, terms));
    return {};
  }
  TARN_TRY(auto term, term_of(predicate));
  terms.push_back(std::move(term));
  return {};
}

Status check_type(const Value& value, const KeyAttribute& attribute) {
  if (value.is(attribute.type)) return {};
  return invalid(
      "One or more parameter values were invalid: Condition parameter type does not match schema "
      "type");
}

const Term* term_on(const std::vector<Term>& terms, const std::string& name) {
  for (const auto& term : terms) {
    if (term.name == name) return &term;
  }
  return nullptr;
}

Status take_range(const Term& term, const KeyAttribute& attribute, KeyCondition& out) {
  TARN_CHECK(check_type(term.low, attribute));
  if (term.kind == KeyCondition::Kind::kBetween) {
    TARN_CHECK(check_type(term.high, attribute));
  }
  if (term.kind == KeyCondition::Kind::kBeginsWith && attribute.type == Type::kNumber) {
    return not_supported();
  }
  out.range = term.kind;
  out.low = term.low;
  out.high = term.high;
  return {};
}

}  // namespace

Result<KeyCondition> key_condition(const Predicate& predicate, const KeySchema& schema) {
  std::vector<Term> terms;
  TARN_CHECK(flatten(predicate, terms));
  for (std::size_t i = 0; i < terms.size(); ++i) {
    for (std::size_t j = i + 1; j < terms.size(); ++j) {
      if (terms[i].name == terms[j].name) {
        return invalid("KeyConditionExpressions must only contain one condition per key");
      }
    }
  }
  if (terms.size() > 2) return invalid("Conditions can be of length 1 or 2 only");
  const Term* hash = term_on(terms, schema.hash.name);
  const Term* range = schema.range ? term_on(terms, schema.range->name) : nullptr;
  if (hash == nullptr) {
    return invalid("Query condition missed key schema element: " + schema.hash.name);
  }
  if (terms.size() == 2 && range == nullptr) {
    if (!schema.range) return not_supported();
    return invalid("Query condition missed key schema element: " + schema.range->name);
  }
  if (hash->kind != KeyCondition::Kind::kEqual) return not_supported();
  TARN_CHECK(check_type(hash->low, schema.hash));
  KeyCondition out;
  out.hash = hash->low;
  if (range != nullptr) TARN_CHECK(take_range(*range, *schema.range, out));
  return out;
}

}  // namespace tarn::dynamodb
