#include <algorithm>
#include <array>
#include <utility>

#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/expression/token_stream.h"

namespace tarn::dynamodb {
namespace {

constexpr std::string_view kKind = "UpdateExpression";

// ADD and DELETE name types by their long names.
std::string_view long_type_name(Type type) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "STRING",     "NUMBER",     "BINARY",     "BOOLEAN", "NULL",
      "STRING_SET", "NUMBER_SET", "BINARY_SET", "LIST",    "MAP"};
  return kNames[static_cast<std::size_t>(type)];
}

class UpdateParser {
 public:
  explicit UpdateParser(TokenStream in) : in_(std::move(in)) {}

  Result<UpdatePlan> parse() {
    while (!in_.at_end()) TARN_CHECK(section());
    TARN_CHECK(check_overlaps(kKind, update_.paths()));
    return std::move(update_);
  }

 private:
  using Element = Status (UpdateParser::*)();

  Status section() {
    static constexpr std::array<std::pair<std::string_view, Element>, 4> kSections = {
        {{"SET", &UpdateParser::set},
         {"REMOVE", &UpdateParser::remove},
         {"ADD", &UpdateParser::add},
         {"DELETE", &UpdateParser::remove_members}}};
    for (std::size_t i = 0; i < kSections.size(); ++i) {
      if (!in_.take_keyword(kSections[i].first)) continue;
      if (std::exchange(seen_[i], true)) {
        return in_.invalid("The \"" + std::string(kSections[i].first) +
                           "\" section can only be used once in an update expression;");
      }
      do {
        TARN_CHECK(in_.count_operator());
        TARN_CHECK((this->*kSections[i].second)());
      } while (in_.take_symbol(","));
      return {};
    }
    return in_.unexpected();
  }

  Status set() {
    TARN_TRY(auto path, in_.path());
    TARN_CHECK(in_.expect_symbol("="));
    TARN_TRY(auto operand, sum());
    update_.sets.push_back({std::move(path), std::move(operand)});
    return {};
  }

  Status remove() {
    TARN_TRY(auto path, in_.path());
    update_.removes.push_back(std::move(path));
    return {};
  }

  Status add() {
    return change("ADD", {Type::kNumber, Type::kStringSet, Type::kNumberSet, Type::kBinarySet},
                  update_.adds);
  }

  Status remove_members() {
    return change("DELETE", {Type::kStringSet, Type::kNumberSet, Type::kBinarySet},
                  update_.deletes);
  }

  Status change(std::string_view section, std::initializer_list<Type> allowed,
                std::vector<UpdatePlan::Change>& out) {
    TARN_TRY(auto path, in_.path());
    TARN_TRY(auto value, in_.placeholder());
    if (std::find(allowed.begin(), allowed.end(), value.type()) == allowed.end()) {
      std::string text = "Incorrect operand type for operator or function; operator: ";
      text.append(section).append(", operand type: ").append(long_type_name(value.type()));
      text.append(", typeset: ALLOWED_FOR_").append(section).append("_OPERAND");
      return in_.invalid(text);
    }
    out.push_back({std::move(path), std::move(value)});
    return {};
  }

  // operand [(+|-) operand]
  Result<Operand> sum() {
    TARN_TRY(auto first, operand());
    const bool plus = in_.at_symbol("+");
    if (!plus && !in_.at_symbol("-")) return first;
    in_.skip();
    TARN_CHECK(in_.count_operator());
    TARN_TRY(auto second, operand());
    for (const Operand* each : {&first, &second}) {
      TARN_CHECK(check_operand(in_, plus ? "+" : "-", *each, {Type::kNumber}));
    }
    Operand out;
    out.kind = plus ? Operand::Kind::kPlus : Operand::Kind::kMinus;
    out.operands.push_back(std::move(first));
    out.operands.push_back(std::move(second));
    return out;
  }

  Result<Operand> operand() {
    TARN_CHECK(in_.enter());
    Result<Operand> out = bare_operand();
    in_.leave();
    return out;
  }

  Result<Operand> bare_operand() {
    Operand out;
    if (in_.take_symbol("(")) {
      TARN_TRY(out, sum());
      TARN_CHECK(in_.expect_symbol(")"));
      return out;
    }
    if (in_.peek().kind == Token::Kind::kPlaceholder) {
      TARN_TRY(out.value, in_.placeholder());
      return out;
    }
    if (in_.at_function()) return function();
    out.kind = Operand::Kind::kPath;
    TARN_TRY(out.path, in_.path());
    return out;
  }

  Result<Operand> function() {
    const std::string name(in_.peek().text);
    if (name != "if_not_exists" && name != "list_append") return wrong_function(name);
    in_.skip();
    in_.skip();
    TARN_CHECK(in_.count_operator());
    std::vector<Operand> operands;
    if (in_.at_symbol(")")) return in_.unexpected();
    do {
      TARN_TRY(auto next, sum());
      operands.push_back(std::move(next));
    } while (in_.take_symbol(","));
    TARN_CHECK(in_.expect_symbol(")"));
    if (operands.size() != 2) return wrong_count(in_, name, operands.size());
    Operand out;
    if (name == "list_append") {
      out.kind = Operand::Kind::kListAppend;
      for (const auto& each : operands) TARN_CHECK(check_operand(in_, name, each, {Type::kList}));
      out.operands = std::move(operands);
      return out;
    }
    if (operands[0].kind != Operand::Kind::kPath) {
      return in_.invalid(
          "Operator or function requires a document path; operator or function: if_not_exists");
    }
    out.kind = Operand::Kind::kIfNotExists;
    out.path = std::move(operands[0].path);
    out.operands.push_back(std::move(operands[1]));
    return out;
  }

  Error wrong_function(const std::string& name) {
    for (const std::string_view known : {"attribute_exists", "attribute_not_exists",
                                         "attribute_type", "begins_with", "contains", "size"}) {
      if (known != name) continue;
      return in_.invalid("The function is not allowed in an update expression; function: " + name);
    }
    return in_.invalid("Invalid function name; function: " + name);
  }

  TokenStream in_;
  UpdatePlan update_;
  std::array<bool, 4> seen_{};
};

}  // namespace

Result<UpdatePlan> parse_update(std::string_view expression, Placeholders& placeholders) {
  TARN_TRY(auto tokens, TokenStream::open(kKind, expression, placeholders));
  return UpdateParser(std::move(tokens)).parse();
}

Result<std::vector<Path>> parse_projection(std::string_view expression,
                                           Placeholders& placeholders) {
  constexpr std::string_view kProjection = "ProjectionExpression";
  TARN_TRY(auto in, TokenStream::open(kProjection, expression, placeholders));
  std::vector<Path> paths;
  do {
    TARN_TRY(auto path, in.path());
    paths.push_back(std::move(path));
  } while (in.take_symbol(","));
  TARN_CHECK(in.expect_end());
  TARN_CHECK(check_overlaps(kProjection, paths));
  return paths;
}

Status check_overlaps(std::string_view kind, const std::vector<Path>& paths) {
  // Sorted paths put every pair that overlaps or conflicts under one beginning; expressions are
  // short, so pairs are compared.
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (std::size_t j = i + 1; j < paths.size(); ++j) {
      const Path& a = paths[i];
      const Path& b = paths[j];
      const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
      const bool overlap = at_a == a.end() || at_b == b.end();
      if (!overlap && at_a->is_index == at_b->is_index) continue;
      std::string text = "Two document paths ";
      text.append(overlap ? "overlap" : "conflict");
      text.append(" with each other; must remove or rewrite one of these paths; path one: ");
      text.append(describe(a)).append(", path two: ").append(describe(b));
      return invalid_expression(kind, text);
    }
  }
  return {};
}

}  // namespace tarn::dynamodb
