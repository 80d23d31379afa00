#include "services/logs/json_pattern.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/wildcard.h"
#include "services/logs/filter_pattern.h"
#include "wire/json_value.h"

namespace tarn::logs {
namespace {

using nlohmann::json;

constexpr int kDeepest = 32;  // of parentheses within one another

std::optional<double> as_number(std::string_view text) {
  double out = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

// Reads a pattern from left to right.
class JsonPatternReader {
 public:
  using Node = JsonPattern::Node;
  using Comparison = JsonPattern::Comparison;
  using Operator = JsonPattern::Operator;
  using Kind = JsonPattern::Kind;

  explicit JsonPatternReader(std::string_view text) : text_(text) {}

  Result<Node> read() {
    if (!take("{")) return wrong("{ is missing");
    TARN_TRY(Node out, read_any(0));
    if (!take("}")) return wrong("}, && or || is expected");
    skip_blanks();
    if (at_ != text_.size()) return wrong("nothing may follow the }");
    return out;
  }

 private:
  [[nodiscard]] Error wrong(std::string_view why) const {
    return {"InvalidParameterException",
            fmt::format("Invalid filter pattern: {} at character {}", why, at_ + 1)};
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(std::string_view token) {
    skip_blanks();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  // What stands until one of `ends`.
  std::string_view take_until(std::string_view ends) {
    const std::size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
    const std::string_view out = text_.substr(at_, end - at_);
    at_ = end;
    return out;
  }

  Result<Node> read_any(int depth) { return read_list(Kind::kAny, "||", depth); }

  Result<Node> read_list(Kind kind, std::string_view between, int depth) {
    Node out;
    out.kind = kind;
    do {
      auto part = kind == Kind::kAny ? read_list(Kind::kAll, "&&", depth) : read_part(depth);
      if (!part.ok()) return part;
      out.parts.push_back(std::move(part).value());
    } while (take(between));
    if (out.parts.size() > 1) return out;
    Node only = std::move(out.parts.front());
    return only;
  }

  Result<Node> read_part(int depth) {
    if (!take("(")) return read_comparison();
    if (depth == kDeepest) return wrong("there are too many parentheses within one another");
    TARN_TRY(Node out, read_any(depth + 1));
    if (!take(")")) return wrong(") is missing");
    return out;
  }

  Result<Node> read_comparison() {
    Node out;
    if (!take("$")) return wrong("a property such as $.name is expected");
    TARN_CHECK(read_path(out.comparison));
    TARN_CHECK(read_operator(out.comparison));
    return out;
  }

  Status read_path(Comparison& into) {
    while (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == '[')) {
      JsonPattern::Step step;
      if (text_[at_++] == '.') {
        step.name = take_until(".[ \t\n=!<>&|){}");
        step.is_any = step.name == "*";
        if (step.name.empty()) return wrong("the name of a property is missing");
      } else {
        TARN_CHECK(read_bracket(step));
      }
      into.path.push_back(std::move(step));
    }
    if (into.path.empty()) return wrong("a property such as $.name is expected");
    return {};
  }

  // [2], [*], ['name'].
  Status read_bracket(JsonPattern::Step& step) {
    std::string_view inner = take_until("]");
    if (at_ == text_.size()) return wrong("] is missing");
    ++at_;
    if (inner == "*") {
      step.is_any = true;
      return {};
    }
    if (inner.size() > 2 && (inner.front() == '\'' || inner.front() == '"') &&
        inner.back() == inner.front()) {
      step.name = inner.substr(1, inner.size() - 2);
      return {};
    }
    std::size_t index = 0;
    const auto [end, failure] = std::from_chars(inner.data(), inner.data() + inner.size(), index);
    if (failure != std::errc() || end != inner.data() + inner.size())
      return wrong("[ ] takes a number, * or a name in quotation marks");
    step.index = index;
    return {};
  }

  Status read_operator(Comparison& into) {
    static constexpr std::pair<std::string_view, Operator> kWords[] = {
        {"IS TRUE", Operator::kIsTrue},
        {"IS FALSE", Operator::kIsFalse},
        {"IS NULL", Operator::kIsNull},
        {"NOT EXISTS", Operator::kNotExists},
        {"EXISTS", Operator::kExists}};
    for (const auto& [word, op] : kWords) {
      if (!take(word)) continue;
      into.op = op;
      return {};
    }
    static constexpr std::pair<std::string_view, Operator> kSigns[] = {
        {"!=", Operator::kUnequal},
        {"<=", Operator::kLessOrEqual},
        {">=", Operator::kGreaterOrEqual},
        {"=", Operator::kEqual},
        {"<", Operator::kLess},
        {">", Operator::kGreater}};
    for (const auto& [sign, op] : kSigns) {
      if (!take(sign)) continue;
      into.op = op;
      return read_value(into);
    }
    return wrong("an operator is expected (=, !=, <, <=, >, >=, IS TRUE, NOT EXISTS, …)");
  }

  Status read_value(Comparison& into) {
    skip_blanks();
    const bool orders = into.op != Operator::kEqual && into.op != Operator::kUnequal;
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      TARN_CHECK(read_text(into.text));
    } else if (at_ < text_.size() && text_[at_] == '%') {
      ++at_;
      const std::string_view expression = take_until("%");
      if (at_ == text_.size()) return wrong("a % is not closed");
      ++at_;
      TARN_TRY(into.expression, parse_expression(expression));
    } else {
      into.text = take_until(" \t\n&|(){}");
      if (into.text.empty()) return wrong("a value is missing");
      into.number = as_number(into.text);
    }
    if (orders && !into.number) return wrong("<, <=, > and >= take a number");
    return {};
  }

  Status read_text(std::string& out) {
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '"') return {};
      if (c == '\\' && at_ < text_.size()) c = text_[at_++];
      out.push_back(c);
    }
    return wrong("a quotation mark is not closed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

namespace {

// Calls `visit` with what stands at the steps from `step` on; true once it returned true.
template <class Step, class Visit>
bool any_at(const json& value, const Step* step, const Step* end, const Visit& visit) {
  if (step == end) return visit(value);
  if (step->is_any) {
    return value.is_structured() && std::any_of(value.begin(), value.end(), [&](const json& each) {
             return any_at(each, step + 1, end, visit);
           });
  }
  if (step->index) {
    return value.is_array() && *step->index < value.size() &&
           any_at(value[*step->index], step + 1, end, visit);
  }
  if (!value.is_object()) return false;
  const auto found = value.find(step->name);
  return found != value.end() && any_at(*found, step + 1, end, visit);
}

}  // namespace

bool JsonPattern::Comparison::equals(const json& value) const {
  if (number && value.is_number()) return value.get<double>() == *number;
  if (value.is_structured()) return text == "*";
  const std::string content = value.is_string() ? value.get<std::string>() : value.dump();
  if (expression) return re2::RE2::PartialMatch(content, *expression);
  return is_like(text, content, false);
}

bool JsonPattern::Comparison::holds_of(const json& value) const {
  const auto compare = [&](auto test) {
    return value.is_number() && test(value.get<double>(), *number);
  };
  switch (op) {
    case Operator::kEqual: return equals(value);
    case Operator::kUnequal: return !equals(value);
    case Operator::kLess: return compare(std::less<>());
    case Operator::kLessOrEqual: return compare(std::less_equal<>());
    case Operator::kGreater: return compare(std::greater<>());
    case Operator::kGreaterOrEqual: return compare(std::greater_equal<>());
    case Operator::kIsTrue: return value == true;
    case Operator::kIsFalse: return value == false;
    case Operator::kIsNull: return value.is_null();
    case Operator::kExists:
    case Operator::kNotExists: return true;
  }
  return false;
}

bool JsonPattern::Comparison::holds(const json& message) const {
  const bool found = any_at(message, path.data(), path.data() + path.size(),
                            [&](const json& value) { return holds_of(value); });
  return found != (op == Operator::kNotExists);
}

bool JsonPattern::Node::holds(const json& message) const {
  const auto part_holds = [&](const Node& part) {
    return part.holds(message);
  };
  switch (kind) {
    case Kind::kAll: return std::all_of(parts.begin(), parts.end(), part_holds);
    case Kind::kAny: return std::any_of(parts.begin(), parts.end(), part_holds);
    case Kind::kComparison: break;
  }
  return comparison.holds(message);
}

Result<JsonPattern> JsonPattern::parse(std::string_view text) {
  JsonPattern out;
  TARN_TRY(out.root_, JsonPatternReader(text).read());
  return out;
}

bool JsonPattern::matches(std::string_view message) const {
  const json value = wire::parse_json(message);
  return !value.is_discarded() && root_.holds(value);
}

}  // namespace tarn::logs
