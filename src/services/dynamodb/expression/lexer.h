// Lexer: the tokens of an expression.
//
// Place: dynamodb/expression. Source of the grammar:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::dynamodb {

struct Token {
  enum class Kind : unsigned char {
    kWord,         // attribute, keyword or function
    kName,         // #name
    kPlaceholder,  // :value
    kNumber,       // of a list index
    kSymbol,       // ( ) [ ] , . = <> < <= > >= + -
    kEnd
  };
  Kind kind;
  std::string_view text;  // inside the expression; of kEnd: empty
  std::size_t offset = 0;
};

// The tokens of `expression`, kEnd last. The tokens point into `expression`.
// Error: ValidationException "Invalid {kind}: Syntax error; token: …, near: …".
[[nodiscard]] Result<std::vector<Token>> tokenize(std::string_view kind,
                                                  std::string_view expression);

// The syntax error at tokens[at], worded as DynamoDB does: the token and its neighbours.
[[nodiscard]] Error syntax_error(std::string_view kind, std::string_view expression,
                                 const std::vector<Token>& tokens, std::size_t at);

// "Invalid {kind}: {text}" as ValidationException.
[[nodiscard]] Error invalid_expression(std::string_view kind, std::string_view text);

}  // namespace tarn::dynamodb
