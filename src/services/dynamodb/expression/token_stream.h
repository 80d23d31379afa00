// TokenStream: a walk over an expression's tokens, with what conditions, updates and projections
// have in common.
//
// Place: dynamodb/expression, inside only.
// Threads: for one parse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/dynamodb/expression/lexer.h"
#include "services/dynamodb/expression/placeholders.h"
#include "services/dynamodb/expression/syntax.h"

namespace tarn::dynamodb {

class TokenStream {
 public:
  // Errors of every method: ValidationException "Invalid {kind}: …".
  [[nodiscard]] static Result<TokenStream> open(std::string_view kind, std::string_view expression,
                                                Placeholders& placeholders);

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
  void skip() { ++at_; }
  [[nodiscard]] bool at_end() const { return peek().kind == Token::Kind::kEnd; }

  [[nodiscard]] bool at_symbol(std::string_view symbol) const;
  // Whether the token is the word `upper` in any case.
  [[nodiscard]] bool at_keyword(std::string_view upper) const;
  // A word that a "(" follows.
  [[nodiscard]] bool at_function() const;

  // Skips the symbol or keyword where it stands next.
  bool take_symbol(std::string_view symbol);
  bool take_keyword(std::string_view upper);

  Status expect_symbol(std::string_view symbol);
  Status expect_keyword(std::string_view upper);
  Status expect_end();

  Result<Path> path();
  Result<Value> placeholder();

  // Counts an operator or function against the limit.
  Status count_operator();
  // Keeps recursion within the stack; leave() undoes it.
  Status enter();
  void leave() { --depth_; }

  [[nodiscard]] Error unexpected() const;
  [[nodiscard]] Error invalid(std::string_view text) const {
    return invalid_expression(kind_, text);
  }

 private:
  TokenStream(std::string_view kind, std::string_view expression, std::vector<Token> tokens,
              Placeholders& placeholders)
      : kind_(kind),
        expression_(expression),
        tokens_(std::move(tokens)),
        placeholders_(&placeholders) {}

  Result<std::string> path_name();
  Result<std::size_t> path_index();

  std::string_view kind_;
  std::string_view expression_;
  std::vector<Token> tokens_;
  Placeholders* placeholders_;
  std::size_t at_ = 0;
  std::size_t operators_ = 0;
  std::size_t depth_ = 0;
};

// The static checks of operands: what a :value's type already tells.

// "Incorrect number of operands for operator or function; …".
[[nodiscard]] Error wrong_count(const TokenStream& in, std::string_view function,
                                std::size_t count);
// "Incorrect operand type for operator or function; …" where `operand` is a value of none of
// `allowed`.
[[nodiscard]] Status check_operand(const TokenStream& in, std::string_view function,
                                   const Operand& operand, std::initializer_list<Type> allowed);

}  // namespace tarn::dynamodb
