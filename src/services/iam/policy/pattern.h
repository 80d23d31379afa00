// Pattern: a text of a policy that may hold wildcards and policy variables, compiled once.
//
// Place: services/iam/policy. Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
// Threads: immutable.
//
// `*` stands for any run of characters, `?` for one. `${key}` stands for the request's value of a
// condition key, `${key, 'text'}` for that or the text; `${*}`, `${?}` and `${$}` for the character
// itself. What a variable brings is taken literally: a wildcard in a user's name is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/iam/policy/context.h"

namespace tarn::iam::policy {

enum class Match : unsigned char {
  kNo,
  kYes,
  kUnresolved,  // the request has no single value for a variable of the pattern
};

class Pattern {
 public:
  struct Rules {
    bool wildcards = true;
    bool variables = true;  // policies of version 2012-10-17
    bool ignore_case = false;
  };

  // Error: MalformedPolicyDocument (a variable that does not end or has no name, a control
  // character).
  [[nodiscard]] static Result<Pattern> parse(std::string_view text, Rules rules);

  [[nodiscard]] Match match(std::string_view value, const Context& context) const;
  // Of a pattern that was parsed without variables.
  [[nodiscard]] bool matches(std::string_view value) const;
  // Whether it is "*" alone.
  [[nodiscard]] bool is_any() const;

 private:
  struct Piece {
    std::string text;  // with wildcards as one byte each
    std::string key;   // of a variable, in lower case; empty: `text` is meant
    std::optional<std::string> otherwise;
  };

  Status add_variable(std::string_view inside, std::string& literal);
  [[nodiscard]] std::optional<std::string> fill(const Context& context) const;

  std::vector<Piece> pieces_;  // of a pattern with variables
  std::string text_;           // of one without
  bool ignore_case_ = false;
};

}  // namespace tarn::iam::policy
