#include "services/glue/partition_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "services/glue/records.h"

namespace tarn::glue {

struct PartitionFilter::Node {
  enum class Kind : unsigned char { kAnd, kOr, kNot, kCompare, kIn, kBetween, kLike, kIsNull };
  Kind kind = Kind::kAnd;
  std::vector<Node> children;
  std::size_t key = 0;   // place of the partition key
  bool numeric = false;  // its type
  std::string comparison;
  std::vector<std::string> literals;
};

namespace {

using Node = PartitionFilter::Node;
using Kind = Node::Kind;

// Hive's name for the partition of what is NULL.
constexpr std::string_view kNull = "__HIVE_DEFAULT_PARTITION__";
constexpr std::size_t kMaxNesting = 100;

struct Token {
  enum class Kind : unsigned char { kWord, kLiteral, kSymbol, kEnd } kind = Kind::kEnd;
  std::string text;
  std::size_t offset = 0;
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_numeric(const std::optional<std::string>& type) {
  if (!type) return false;
  const std::string lower = wire::to_lower(*type);
  static constexpr std::array<std::string_view, 9> kTypes = {
      "tinyint", "smallint", "int", "integer", "bigint", "long", "float", "double", "decimal"};
  return std::any_of(kTypes.begin(), kTypes.end(), [&](std::string_view each) {
    return lower.starts_with(each) && (lower.size() == each.size() || lower[each.size()] == '(');
  });
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// < 0, 0, > 0; nothing where a number is needed and there is none.
std::optional<int> compare(const std::string& a, const std::string& b, bool numeric) {
  if (!numeric) return a.compare(b);
  const auto x = number_of(a);
  const auto y = number_of(b);
  if (!x || !y) return std::nullopt;
  return *x < *y ? -1 : (*x > *y ? 1 : 0);
}

bool holds(const std::string& comparison, int order) {
  if (comparison == "=") return order == 0;
  if (comparison == "<>" || comparison == "!=") return order != 0;
  if (comparison == "<") return order < 0;
  if (comparison == "<=") return order <= 0;
  if (comparison == ">") return order > 0;
  return order >= 0;
}

// SQL's LIKE: % is any text, _ any character. Keeps the last % to go back to.
bool like(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

bool matches(const Node& node, const std::vector<std::string>& values) {
  const auto child_matches = [&](const Node& child) {
    return matches(child, values);
  };
  if (node.kind == Kind::kAnd)
    return std::all_of(node.children.begin(), node.children.end(), child_matches);
  if (node.kind == Kind::kOr)
    return std::any_of(node.children.begin(), node.children.end(), child_matches);
  if (node.kind == Kind::kNot) return !child_matches(node.children[0]);
  if (node.key >= values.size()) return false;
  const std::string& value = values[node.key];
  const auto order = [&](const std::string& literal) {
    return compare(value, literal, node.numeric);
  };
  switch (node.kind) {
    case Kind::kIsNull: return value == kNull;
    case Kind::kLike: return like(value, node.literals[0]);
    case Kind::kIn:
      return std::any_of(node.literals.begin(), node.literals.end(),
                         [&](const std::string& literal) { return order(literal) == 0; });
    case Kind::kBetween: {
      const auto low = order(node.literals[0]);
      const auto high = order(node.literals[1]);
      return low && high && *low >= 0 && *high <= 0;
    }
    default: {
      const auto found = order(node.literals[0]);
      return found && holds(node.comparison, *found);
    }
  }
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<Column>& keys) : text_(text), keys_(keys) {}

  Result<Node> parse() {
    TARN_CHECK(advance());
    TARN_TRY(auto node, joined(true));
    if (token_.kind != Token::Kind::kEnd) return unexpected();
    return node;
  }

 private:
  [[nodiscard]] Error unexpected() const {
    return invalid_input(
        "Expression: " +
        (token_.kind == Token::Kind::kEnd ? std::string("the end") : "\"" + token_.text + "\"") +
        " at " + std::to_string(token_.offset) + " is not expected there.");
  }

  Status advance() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
    token_ = {Token::Kind::kEnd, {}, at_};
    if (at_ == text_.size()) return {};
    const char c = text_[at_];
    if (c == '\'' || c == '"') return quoted(c);
    if (c == '`') {
      TARN_CHECK(quoted(c));
      token_.kind = Token::Kind::kWord;
      return {};
    }
    if (is_word(c)) {
      token_.kind = Token::Kind::kWord;
      while (at_ < text_.size() && is_word(text_[at_])) token_.text += text_[at_++];
      return {};
    }
    token_.kind = Token::Kind::kSymbol;
    const std::string_view two = text_.substr(at_, 2);
    const bool wide = two == "<>" || two == "!=" || two == "<=" || two == ">=";
    token_.text = std::string(wide ? two : two.substr(0, 1));
    at_ += token_.text.size();
    return {};
  }

  // A doubled quote inside stands for itself.
  Status quoted(char quote) {
    token_.kind = Token::Kind::kLiteral;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) {
        token_.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        token_.text += text_[at_++];
      } else {
        ++at_;
        return {};
      }
    }
    return invalid_input("Expression: the text that begins at " + std::to_string(token_.offset) +
                         " does not end.");
  }

  [[nodiscard]] bool at_word(std::string_view lower) const {
    return token_.kind == Token::Kind::kWord && wire::to_lower(token_.text) == lower;
  }
  [[nodiscard]] bool at_symbol(std::string_view symbol) const {
    return token_.kind == Token::Kind::kSymbol && token_.text == symbol;
  }
  Status expect_symbol(std::string_view symbol) {
    if (!at_symbol(symbol)) return unexpected();
    return advance();
  }

  // Parts joined by OR, or by AND.
  Result<Node> joined(bool by_or) {
    Node out;
    out.kind = by_or ? Kind::kOr : Kind::kAnd;
    while (true) {
      TARN_TRY(auto part, by_or ? joined(false) : unary());
      out.children.push_back(std::move(part));
      if (!at_word(by_or ? "or" : "and")) return out;
      TARN_CHECK(advance());
    }
  }

  Result<Node> unary() {
    if (++nesting_ > kMaxNesting) return invalid_input("Expression is nested too deep.");
    Result<Node> out = bare();
    --nesting_;
    return out;
  }

  Result<Node> bare() {
    if (at_word("not")) {
      TARN_CHECK(advance());
      TARN_TRY(auto inner, unary());
      return negated(std::move(inner), true);
    }
    if (at_symbol("(")) {
      TARN_CHECK(advance());
      TARN_TRY(auto inner, joined(true));
      TARN_CHECK(expect_symbol(")"));
      return inner;
    }
    return condition();
  }

  static Node negated(Node inner, bool negate) {
    if (!negate) return inner;
    Node out;
    out.kind = Kind::kNot;
    out.children.push_back(std::move(inner));
    return out;
  }

  Result<Node> condition() {
    Node out;
    TARN_CHECK(take_key(out));
    if (at_word("is")) return null_test(std::move(out));
    const bool negate = at_word("not");
    if (negate) TARN_CHECK(advance());
    if (at_word("in")) {
      out.kind = Kind::kIn;
      TARN_CHECK(advance());
      TARN_CHECK(expect_symbol("("));
      TARN_CHECK(take_literal(out));
      while (at_symbol(",")) {
        TARN_CHECK(advance());
        TARN_CHECK(take_literal(out));
      }
      TARN_CHECK(expect_symbol(")"));
    } else if (at_word("between")) {
      out.kind = Kind::kBetween;
      TARN_CHECK(advance());
      TARN_CHECK(take_literal(out));
      if (!at_word("and")) return unexpected();
      TARN_CHECK(advance());
      TARN_CHECK(take_literal(out));
    } else if (at_word("like")) {
      out.kind = Kind::kLike;
      TARN_CHECK(advance());
      TARN_CHECK(take_literal(out));
    } else {
      if (negate) return unexpected();
      TARN_CHECK(take_comparison(out));
    }
    return negated(std::move(out), negate);
  }

  Status take_comparison(Node& out) {
    static constexpr std::array<std::string_view, 7> kComparisons = {"=",  "<>", "!=", "<",
                                                                     "<=", ">",  ">="};
    if (token_.kind != Token::Kind::kSymbol ||
        std::find(kComparisons.begin(), kComparisons.end(), token_.text) == kComparisons.end()) {
      return unexpected();
    }
    out.kind = Kind::kCompare;
    out.comparison = token_.text;
    TARN_CHECK(advance());
    return take_literal(out);
  }

  Result<Node> null_test(Node out) {
    TARN_CHECK(advance());
    const bool negate = at_word("not");
    if (negate) TARN_CHECK(advance());
    if (!at_word("null")) return unexpected();
    TARN_CHECK(advance());
    out.kind = Kind::kIsNull;
    return negated(std::move(out), negate);
  }

  Status take_key(Node& out) {
    if (token_.kind != Token::Kind::kWord) return unexpected();
    const std::string name = wire::to_lower(token_.text);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (wire::to_lower(keys_[i].name) != name) continue;
      out.key = i;
      out.numeric = is_numeric(keys_[i].type);
      return advance();
    }
    return invalid_input("Expression: " + token_.text + " is no partition key of the table.");
  }

  Status take_literal(Node& out) {
    // DATE '2024-01-01' and TIMESTAMP '…' are text here, as the values of partitions are.
    if (at_word("date") || at_word("timestamp")) TARN_CHECK(advance());
    const bool number = token_.kind == Token::Kind::kWord && number_of(token_.text).has_value();
    if (token_.kind != Token::Kind::kLiteral && !number) return unexpected();
    out.literals.push_back(token_.text);
    return advance();
  }

  std::string_view text_;
  const std::vector<Column>& keys_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
  Token token_;
};

}  // namespace

Result<PartitionFilter> PartitionFilter::parse(std::string_view expression,
                                               const std::vector<Column>& keys) {
  TARN_TRY(auto root, Parser(expression, keys).parse());
  PartitionFilter out;
  out.root_ = std::make_shared<const Node>(std::move(root));
  return out;
}

bool PartitionFilter::matches(const std::vector<std::string>& values) const {
  return glue::matches(*root_, values);
}

}  // namespace tarn::glue
