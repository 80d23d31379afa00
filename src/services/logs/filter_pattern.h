// FilterPattern: which messages a search takes.
//
// Place: services/logs. Two kinds of pattern are read: terms (`ERROR "not found" ?warn -debug
// %[45]\d\d%`) and JSON (`{ $.level = "ERROR" && $.n > 3 }`, json_pattern.h); space-delimited ones
// (`[ip, user]`) are refused by name. Threads: constant once made.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html. That page
// does not say whether a term may be part of a longer word: here it may.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/logs/json_pattern.h"

namespace re2 {
class RE2;
}

namespace tarn::logs {

class FilterPattern {
 public:
  // An empty pattern takes all. Errors: InvalidParameterException (what is wrong and where),
  // NotImplemented (a space-delimited pattern).
  [[nodiscard]] static Result<FilterPattern> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view message) const;

 private:
  enum class Need : std::uint8_t { kRequired, kOptional, kExcluded };
  struct Term {
    Need need = Need::kRequired;
    std::string text;
    std::shared_ptr<const re2::RE2> expression;  // instead of `text`

    [[nodiscard]] bool is_in(std::string_view message) const;
  };

  static Result<Term> take_term(std::string_view& rest);

  std::vector<Term> terms_;
  bool has_required_ = false;
  bool has_optional_ = false;
  std::shared_ptr<const JsonPattern> json_;
};

// What stands between the two `%` of a pattern. Error: InvalidParameterException.
[[nodiscard]] Result<std::shared_ptr<const re2::RE2>> parse_expression(std::string_view text);

}  // namespace tarn::logs
