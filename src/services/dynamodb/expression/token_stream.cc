#include "services/dynamodb/expression/token_stream.h"

#include <algorithm>
#include <charconv>

#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/expression/reserved_words.h"

namespace tarn::dynamodb {
namespace {

// Each level takes a few hundred bytes of stack; no expression that a person writes comes near.
constexpr std::size_t kMaxNesting = 200;

bool equals_upper(std::string_view word, std::string_view upper) {
  return std::equal(word.begin(), word.end(), upper.begin(), upper.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
  });
}

}  // namespace

Result<TokenStream> TokenStream::open(std::string_view kind, std::string_view expression,
                                      Placeholders& placeholders) {
  if (expression.empty()) return invalid_expression(kind, "The expression can not be empty;");
  if (expression.size() > kMaxExpressionBytes) {
    return invalid_expression(
        kind, "Expression size has exceeded the maximum allowed size; expression size: " +
                  std::to_string(expression.size()));
  }
  TARN_TRY(auto tokens, tokenize(kind, expression));
  if (tokens.size() == 1) return invalid_expression(kind, "The expression can not be empty;");
  return TokenStream(kind, expression, std::move(tokens), placeholders);
}

const Token& TokenStream::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool TokenStream::at_symbol(std::string_view symbol) const {
  return peek().kind == Token::Kind::kSymbol && peek().text == symbol;
}

bool TokenStream::at_keyword(std::string_view upper) const {
  return peek().kind == Token::Kind::kWord && equals_upper(peek().text, upper);
}

bool TokenStream::at_function() const {
  return peek().kind == Token::Kind::kWord && peek(1).kind == Token::Kind::kSymbol &&
         peek(1).text == "(";
}

bool TokenStream::take_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  skip();
  return true;
}

bool TokenStream::take_keyword(std::string_view upper) {
  if (!at_keyword(upper)) return false;
  skip();
  return true;
}

Status TokenStream::expect_symbol(std::string_view symbol) {
  if (!take_symbol(symbol)) return unexpected();
  return {};
}

Status TokenStream::expect_keyword(std::string_view upper) {
  if (!take_keyword(upper)) return unexpected();
  return {};
}

Status TokenStream::expect_end() {
  if (!at_end()) return unexpected();
  return {};
}

Error TokenStream::unexpected() const {
  return syntax_error(kind_, expression_, tokens_, std::min(at_, tokens_.size() - 1));
}

Result<std::string> TokenStream::path_name() {
  const Token token = peek();
  if (token.kind == Token::Kind::kName) {
    skip();
    return placeholders_->name(kind_, token.text);
  }
  if (token.kind != Token::Kind::kWord) return unexpected();
  if (is_reserved_word(token.text)) {
    return invalid("Attribute name is a reserved keyword; reserved keyword: " +
                   std::string(token.text));
  }
  skip();
  return std::string(token.text);
}

Result<std::size_t> TokenStream::path_index() {
  const Token token = peek();
  std::size_t index = 0;
  if (token.kind != Token::Kind::kNumber) return unexpected();
  const char* end = token.text.data() + token.text.size();
  if (std::from_chars(token.text.data(), end, index).ec != std::errc() || index > 0x7fffffffU) {
    return invalid("List index is not within the allowable range; index: [" +
                   std::string(token.text) + "]");
  }
  skip();
  TARN_CHECK(expect_symbol("]"));
  return index;
}

Result<Path> TokenStream::path() {
  Path path;
  TARN_TRY(auto first, path_name());
  path.push_back({std::move(first), 0, false});
  while (true) {
    if (take_symbol(".")) {
      TARN_TRY(auto name, path_name());
      path.push_back({std::move(name), 0, false});
    } else if (take_symbol("[")) {
      TARN_TRY(const auto index, path_index());
      path.push_back({{}, index, true});
    } else {
      break;
    }
  }
  if (path.size() > kMaxDepth) {
    return invalid("The document path has too many nesting elements; nesting levels: " +
                   std::to_string(path.size()));
  }
  return path;
}

Result<Value> TokenStream::placeholder() {
  const Token token = peek();
  if (token.kind != Token::Kind::kPlaceholder) return unexpected();
  skip();
  return placeholders_->value(kind_, token.text);
}

Status TokenStream::count_operator() {
  if (++operators_ <= kMaxOperators) return {};
  return invalid("The expression contains too many operators; number of operators: " +
                 std::to_string(operators_));
}

Status TokenStream::enter() {
  if (++depth_ <= kMaxNesting) return {};
  return invalid("The expression is nested too deep; nesting levels: " + std::to_string(depth_));
}

Error wrong_count(const TokenStream& in, std::string_view function, std::size_t count) {
  std::string text =
      "Incorrect number of operands for operator or function; operator or function: ";
  text.append(function).append(", number of operands: ").append(std::to_string(count));
  return in.invalid(text);
}

Status check_operand(const TokenStream& in, std::string_view function, const Operand& operand,
                     std::initializer_list<Type> allowed) {
  if (operand.kind != Operand::Kind::kValue) return {};
  const Type type = operand.value.type();
  if (std::find(allowed.begin(), allowed.end(), type) != allowed.end()) return {};
  std::string text = "Incorrect operand type for operator or function; operator or function: ";
  text.append(function).append(", operand type: ").append(type_name(type));
  return in.invalid(text);
}

}  // namespace tarn::dynamodb
