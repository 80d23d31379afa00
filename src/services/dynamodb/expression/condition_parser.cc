#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "services/dynamodb/expression/evaluate.h"
#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/expression/token_stream.h"
#include "wire/encoding.h"

namespace tarn::dynamodb {
namespace {

struct Function {
  std::string_view name;
  Predicate::Kind kind;
  std::size_t operands;
};
constexpr std::array<Function, 5> kFunctions = {
    {{"attribute_exists", Predicate::Kind::kAttributeExists, 1},
     {"attribute_not_exists", Predicate::Kind::kAttributeNotExists, 1},
     {"attribute_type", Predicate::Kind::kAttributeType, 2},
     {"begins_with", Predicate::Kind::kBeginsWith, 2},
     {"contains", Predicate::Kind::kContains, 2}}};

constexpr std::array<std::pair<std::string_view, Comparator>, 6> kComparators = {
    {{"=", Comparator::kEqual},
     {"<>", Comparator::kNotEqual},
     {"<", Comparator::kLess},
     {"<=", Comparator::kLessOrEqual},
     {">", Comparator::kGreater},
     {">=", Comparator::kGreaterOrEqual}}};

bool same_operand(const Operand& a, const Operand& b) {
  return a.kind == Operand::Kind::kPath && b.kind == Operand::Kind::kPath && a.path == b.path;
}

class ConditionParser {
 public:
  explicit ConditionParser(TokenStream in) : in_(std::move(in)) {}

  Result<Predicate> parse() {
    TARN_TRY(auto predicate, disjunction());
    TARN_CHECK(in_.expect_end());
    return predicate;
  }

 private:
  Result<Predicate> disjunction() { return joined("OR", Predicate::Kind::kOr); }
  Result<Predicate> conjunction() { return joined("AND", Predicate::Kind::kAnd); }

  // x [KEYWORD x]…
  Result<Predicate> joined(std::string_view keyword, Predicate::Kind kind) {
    const auto part = [&] {
      return kind == Predicate::Kind::kOr ? conjunction() : negation();
    };
    TARN_TRY(auto first, part());
    if (!in_.at_keyword(keyword)) return first;
    parenthesised_ = false;
    Predicate out;
    out.kind = kind;
    out.children.push_back(std::move(first));
    while (in_.take_keyword(keyword)) {
      TARN_CHECK(in_.count_operator());
      TARN_TRY(auto next, part());
      out.children.push_back(std::move(next));
      parenthesised_ = false;
    }
    return out;
  }

  Result<Predicate> negation() {
    if (!in_.take_keyword("NOT")) return primary();
    TARN_CHECK(in_.count_operator());
    TARN_CHECK(in_.enter());
    TARN_TRY(auto inner, negation());
    in_.leave();
    parenthesised_ = false;
    Predicate out;
    out.kind = Predicate::Kind::kNot;
    out.children.push_back(std::move(inner));
    return out;
  }

  // Whether the "(" that stands next opens an operand: what follows its end compares.
  [[nodiscard]] bool at_operand_in_parentheses() const {
    if (!in_.at_symbol("(")) return false;
    std::size_t depth = 0;
    for (std::size_t i = 0;; ++i) {
      const Token& token = in_.peek(i);
      if (token.kind == Token::Kind::kEnd) return false;
      if (token.kind != Token::Kind::kSymbol) continue;
      if (token.text == "(") ++depth;
      if (token.text == ")" && --depth == 0) return compares(in_.peek(i + 1));
    }
  }

  [[nodiscard]] static bool compares(const Token& token) {
    if (token.kind == Token::Kind::kSymbol) {
      return std::any_of(kComparators.begin(), kComparators.end(),
                         [&](const auto& each) { return each.first == token.text; });
    }
    return token.kind == Token::Kind::kWord && (wire::equals_ignoring_case(token.text, "BETWEEN") ||
                                                wire::equals_ignoring_case(token.text, "IN"));
  }

  Result<Predicate> primary() {
    if (!at_operand_in_parentheses() && in_.take_symbol("(")) {
      TARN_CHECK(in_.enter());
      parenthesised_ = false;
      TARN_TRY(auto inner, disjunction());
      TARN_CHECK(in_.expect_symbol(")"));
      if (parenthesised_) return in_.invalid("The expression has redundant parentheses;");
      in_.leave();
      parenthesised_ = true;
      return inner;
    }
    parenthesised_ = false;
    if (in_.at_function() && in_.peek().text != "size") return function();
    TARN_TRY(auto first, operand());
    return comparison(std::move(first));
  }

  Result<Predicate> function() {
    const std::string name(in_.peek().text);
    const Function* found = nullptr;
    for (const auto& candidate : kFunctions) {
      if (candidate.name == name) found = &candidate;
    }
    if (found == nullptr) return unknown_function(name);
    in_.skip();
    in_.skip();
    TARN_CHECK(in_.count_operator());
    Predicate out;
    out.kind = found->kind;
    TARN_TRY(out.operands, operands());
    if (out.operands.size() != found->operands) return wrong_count(in_, name, out.operands.size());
    TARN_CHECK(check_function(name, out));
    return out;
  }

  Error unknown_function(const std::string& name) {
    if (name == "if_not_exists" || name == "list_append") {
      return in_.invalid("The function is not allowed in a condition expression; function: " +
                         name);
    }
    return in_.invalid("Invalid function name; function: " + name);
  }

  // Of a list in parentheses, the opening one already taken.
  Result<std::vector<Operand>> operands() {
    std::vector<Operand> out;
    if (in_.at_symbol(")")) return in_.unexpected();
    do {
      TARN_TRY(auto next, operand());
      out.push_back(std::move(next));
    } while (in_.take_symbol(","));
    TARN_CHECK(in_.expect_symbol(")"));
    return out;
  }

  Status check_function(const std::string& name, const Predicate& predicate) {
    const Operand& first = predicate.operands[0];
    const bool about_existence = predicate.kind == Predicate::Kind::kAttributeExists ||
                                 predicate.kind == Predicate::Kind::kAttributeNotExists;
    if ((about_existence || predicate.kind == Predicate::Kind::kAttributeType) &&
        first.kind != Operand::Kind::kPath) {
      return in_.invalid("Operator or function requires a document path; operator or function: " +
                         name);
    }
    if (about_existence) return {};
    const Operand& second = predicate.operands[1];
    if (same_operand(first, second)) return same_operands(name, first);
    if (predicate.kind == Predicate::Kind::kAttributeType) return check_type_name(second);
    if (predicate.kind == Predicate::Kind::kBeginsWith) {
      TARN_CHECK(check_operand(in_, name, first, {Type::kString, Type::kBinary}));
      return check_operand(in_, name, second, {Type::kString, Type::kBinary});
    }
    return {};
  }

  Error same_operands(std::string_view name, const Operand& first) {
    std::string text =
        "The first operand must be distinct from the remaining operands for this operator or "
        "function; operator: ";
    text.append(name).append(", first operand: ").append(describe(first.path));
    return in_.invalid(text);
  }

  Status check_type_name(const Operand& second) {
    TARN_CHECK(check_operand(in_, "attribute_type", second, {Type::kString}));
    if (second.kind != Operand::Kind::kValue) {
      return in_.invalid(
          "Incorrect operand type for operator or function; operator or function: attribute_type, "
          "operand type: document path");
    }
    const std::string& type = *second.value.get<std::string>();
    if (type_of_name(type)) return {};
    return in_.invalid("Invalid attribute type name found; type: " + type +
                       ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
  }

  Result<Predicate> comparison(Operand first) {
    Predicate out;
    const bool wants_between = in_.at_keyword("BETWEEN");
    const bool wants_in = in_.at_keyword("IN");
    TARN_CHECK(in_.count_operator());
    if (wants_between) return between(std::move(first));
    if (wants_in) return membership(std::move(first));
    for (const auto& [symbol, comparator] : kComparators) {
      if (!in_.take_symbol(symbol)) continue;
      out.kind = Predicate::Kind::kCompare;
      out.comparator = comparator;
      TARN_TRY(auto second, operand());
      if (same_operand(first, second)) return same_operands(symbol, first);
      if (comparator != Comparator::kEqual && comparator != Comparator::kNotEqual) {
        TARN_CHECK(check_ordered(symbol, first));
        TARN_CHECK(check_ordered(symbol, second));
      }
      out.operands.push_back(std::move(first));
      out.operands.push_back(std::move(second));
      return out;
    }
    if (first.kind == Operand::Kind::kSize) {
      return in_.invalid(
          "The function is not allowed to be used this way in an expression; function: size");
    }
    return in_.unexpected();
  }

  Status check_ordered(std::string_view name, const Operand& operand) {
    return check_operand(in_, name, operand, {Type::kString, Type::kNumber, Type::kBinary});
  }

  Result<Predicate> between(Operand first) {
    in_.skip();
    Predicate out;
    out.kind = Predicate::Kind::kBetween;
    TARN_TRY(auto low, operand());
    TARN_CHECK(in_.expect_keyword("AND"));
    TARN_TRY(auto high, operand());
    if (same_operand(first, low) || same_operand(first, high))
      return same_operands("BETWEEN", first);
    for (const Operand* each : {&first, &low, &high}) TARN_CHECK(check_ordered("BETWEEN", *each));
    if (low.kind == Operand::Kind::kValue && high.kind == Operand::Kind::kValue) {
      TARN_CHECK(check_bounds(low.value, high.value));
    }
    out.operands.push_back(std::move(first));
    out.operands.push_back(std::move(low));
    out.operands.push_back(std::move(high));
    return out;
  }

  Status check_bounds(const Value& low, const Value& high) {
    const std::string bounds = "lower bound operand: AttributeValue: " + describe(low) +
                               ", upper bound operand: AttributeValue: " + describe(high);
    if (low.type() != high.type()) {
      return in_.invalid(
          "The BETWEEN operator requires same data type for lower and upper bounds; " + bounds);
    }
    if (compare(low, high) == Order::kGreater) {
      return in_.invalid(
          "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " +
          bounds);
    }
    return {};
  }

  Result<Predicate> membership(Operand first) {
    in_.skip();
    TARN_CHECK(in_.expect_symbol("("));
    TARN_TRY(auto candidates, operands());
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html:
    // at most 100.
    if (candidates.size() > 100) return wrong_count(in_, "IN", candidates.size());
    Predicate out;
    out.kind = Predicate::Kind::kIn;
    out.operands.push_back(std::move(first));
    for (auto& candidate : candidates) {
      if (same_operand(out.operands[0], candidate)) return same_operands("IN", candidate);
      out.operands.push_back(std::move(candidate));
    }
    return out;
  }

  Result<Operand> operand() {
    Operand out;
    if (in_.take_symbol("(")) {
      if (in_.at_symbol("(")) return in_.invalid("The expression has redundant parentheses;");
      TARN_TRY(out, operand());
      TARN_CHECK(in_.expect_symbol(")"));
      return out;
    }
    if (in_.peek().kind == Token::Kind::kPlaceholder) {
      TARN_TRY(out.value, in_.placeholder());
      return out;
    }
    if (in_.at_function()) return size_of();
    out.kind = Operand::Kind::kPath;
    TARN_TRY(out.path, in_.path());
    return out;
  }

  Result<Operand> size_of() {
    const std::string name(in_.peek().text);
    if (name != "size") {
      for (const auto& known : kFunctions) {
        if (known.name != name) continue;
        return in_.invalid(
            "The function is not allowed to be used this way in an expression; function: " + name);
      }
      return unknown_function(name);
    }
    in_.skip();
    in_.skip();
    TARN_CHECK(in_.count_operator());
    TARN_CHECK(in_.enter());
    TARN_TRY(auto inner, operands());
    in_.leave();
    if (inner.size() != 1) return wrong_count(in_, "size", inner.size());
    if (inner[0].kind != Operand::Kind::kPath) {
      return in_.invalid(
          "Operator or function requires a document path; operator or function: size");
    }
    Operand out;
    out.kind = Operand::Kind::kSize;
    out.path = std::move(inner[0].path);
    return out;
  }

  TokenStream in_;
  // Whether what was parsed last stood alone in parentheses.
  bool parenthesised_ = false;
};

}  // namespace

Result<Predicate> parse_condition(std::string_view kind, std::string_view expression,
                                  Placeholders& placeholders) {
  TARN_TRY(auto tokens, TokenStream::open(kind, expression, placeholders));
  return ConditionParser(std::move(tokens)).parse();
}

}  // namespace tarn::dynamodb
