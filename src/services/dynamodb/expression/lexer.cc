#include "services/dynamodb/expression/lexer.h"

#include <algorithm>

namespace tarn::dynamodb {
namespace {

bool is_digit_of_expression(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) {
  return is_word_start(c) || is_digit_of_expression(c);
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

template <class Accept>
std::size_t run_length(std::string_view text, std::size_t from, Accept accept) {
  std::size_t end = from;
  while (end < text.size() && accept(text[end])) ++end;
  return end - from;
}

// Length of the symbol at the front of `text`; 0: none.
std::size_t symbol_length(std::string_view text) {
  for (const std::string_view two : {"<>", "<=", ">="}) {
    if (text.starts_with(two)) return 2;
  }
  return std::string_view("()[],.=<>+-").find(text.front()) == std::string_view::npos ? 0 : 1;
}

// The token at the front of text[at..]; an empty one where no token begins.
Token next_token(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (is_word_start(c)) {
    return {Token::Kind::kWord, text.substr(at, run_length(text, at, is_word)), at};
  }
  if (is_digit_of_expression(c))
    return {Token::Kind::kNumber, text.substr(at, run_length(text, at, is_digit_of_expression)),
            at};
  if (c == '#' || c == ':') {
    const std::size_t length = run_length(text, at + 1, is_word);
    const auto kind = c == '#' ? Token::Kind::kName : Token::Kind::kPlaceholder;
    return {kind, text.substr(at, length == 0 ? 0 : length + 1), at};
  }
  return {Token::Kind::kSymbol, text.substr(at, symbol_length(text.substr(at))), at};
}

// Bytes of the UTF-8 character at text[at], so that a message never holds half of one.
std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() &&
         (static_cast<unsigned char>(text[at + length]) & 0xc0U) == 0x80) {
    ++length;
  }
  return length;
}

}  // namespace

Error invalid_expression(std::string_view kind, std::string_view text) {
  std::string message = "Invalid ";
  message.append(kind).append(": ").append(text);
  return {"ValidationException", std::move(message)};
}

Error syntax_error(std::string_view kind, std::string_view expression,
                   const std::vector<Token>& tokens, std::size_t at) {
  const Token& token = tokens[at];
  const std::size_t first = at == 0 ? at : at - 1;
  const Token& last = tokens[std::min(at + 1, tokens.size() - 1)];
  const std::size_t begin = tokens[first].offset;
  const std::size_t end = last.offset + last.text.size();
  std::string text = "Syntax error; token: \"";
  text.append(token.kind == Token::Kind::kEnd ? "<EOF>" : token.text).append("\", near: \"");
  text.append(expression.substr(begin, end - begin)).append("\"");
  return invalid_expression(kind, text);
}

Result<std::vector<Token>> tokenize(std::string_view kind, std::string_view expression) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (at < expression.size()) {
    if (is_space(expression[at])) {
      ++at;
      continue;
    }
    Token token = next_token(expression, at);
    if (token.text.empty()) {
      token.text = expression.substr(at, character_length(expression, at));
      tokens.push_back(token);
      return syntax_error(kind, expression, tokens, tokens.size() - 1);
    }
    tokens.push_back(token);
    at += token.text.size();
  }
  // The end stands right after the last token, so that messages show no trailing blanks.
  const std::size_t end = tokens.empty() ? 0 : tokens.back().offset + tokens.back().text.size();
  tokens.push_back({Token::Kind::kEnd, {}, end});
  return tokens;
}

}  // namespace tarn::dynamodb
