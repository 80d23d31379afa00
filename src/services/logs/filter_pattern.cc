#include "services/logs/filter_pattern.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "wire/encoding.h"

namespace tarn::logs {
namespace {

// An expression is compiled to a program of at most this many bytes, and matched in linear time.
constexpr std::int64_t kExpressionMemory = 1 << 20;

Error invalid_pattern(std::string_view why) {
  return {"InvalidParameterException", fmt::format("Invalid filter pattern: {}", why)};
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// What stands in a pattern without quotation marks; letters of other scripts do too.
bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || byte >= 0x80;
}

// Takes a phrase whose opening mark is gone already.
Result<std::string> take_phrase(std::string_view& rest) {
  std::string out;
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return out;
    if (c == '\\' && !rest.empty()) {
      c = rest.front();
      rest.remove_prefix(1);
    }
    out.push_back(c);
  }
  return invalid_pattern("a quotation mark is not closed");
}

}  // namespace

Result<std::shared_ptr<const re2::RE2>> parse_expression(std::string_view text) {
  if (text.find_first_of("()") != std::string_view::npos)
    return invalid_pattern(fmt::format("parentheses are not supported in %{}%", text));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kExpressionMemory);
  auto out = std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!out->ok()) return invalid_pattern(fmt::format("%{}%: {}", text, out->error()));
  return out;
}

bool FilterPattern::Term::is_in(std::string_view message) const {
  if (expression)
    return re2::RE2::PartialMatch(re2::StringPiece(message.data(), message.size()), *expression);
  return message.find(text) != std::string_view::npos;
}

Result<FilterPattern::Term> FilterPattern::take_term(std::string_view& rest) {
  Term out;
  if (rest.front() == '?' || rest.front() == '-') {
    out.need = rest.front() == '?' ? Need::kOptional : Need::kExcluded;
    rest.remove_prefix(1);
  }
  if (rest.empty()) return invalid_pattern("a term is missing at its end");
  if (rest.front() == '"') {
    rest.remove_prefix(1);
    TARN_TRY(out.text, take_phrase(rest));
  } else if (rest.front() == '%') {
    const std::size_t end = rest.find('%', 1);
    if (end == std::string_view::npos) return invalid_pattern("a % is not closed");
    TARN_TRY(out.expression, parse_expression(rest.substr(1, end - 1)));
    rest.remove_prefix(end + 1);
  } else {
    const auto end = std::find_if(rest.begin(), rest.end(), is_blank);
    out.text.assign(rest.begin(), end);
    if (out.text.empty() || !std::all_of(out.text.begin(), out.text.end(), is_word)) {
      return invalid_pattern(
          fmt::format("Invalid character(s) in term '{}'; put it into quotation marks", out.text));
    }
    rest.remove_prefix(out.text.size());
  }
  return out;
}

Result<FilterPattern> FilterPattern::parse(std::string_view text) {
  FilterPattern out;
  std::string_view rest = wire::trim(text);
  if (rest.starts_with('{')) {
    TARN_TRY(JsonPattern json, JsonPattern::parse(rest));
    out.json_ = std::make_shared<const JsonPattern>(std::move(json));
    return out;
  }
  if (rest.starts_with('[')) {
    return Error("NotImplemented",
                 "Space-delimited filter patterns ([a, b, …]) are not implemented by this version "
                 "of tarn: search by terms, by %expressions% or by JSON properties.");
  }
  while (!rest.empty()) {
    TARN_TRY(Term term, take_term(rest));
    out.has_required_ = out.has_required_ || term.need == Need::kRequired;
    out.has_optional_ = out.has_optional_ || term.need == Need::kOptional;
    out.terms_.push_back(std::move(term));
    rest = wire::trim(rest);
  }
  return out;
}

bool FilterPattern::matches(std::string_view message) const {
  if (json_) return json_->matches(message);
  // Beside required terms, optional ones decide nothing.
  bool found_optional = has_required_ || !has_optional_;
  for (const Term& term : terms_) {
    const bool needed = term.need != Need::kOptional || !found_optional;
    if (!needed) continue;
    const bool found = term.is_in(message);
    if (term.need == Need::kRequired && !found) return false;
    if (term.need == Need::kExcluded && found) return false;
    if (term.need == Need::kOptional && found) found_optional = true;
  }
  return found_optional;
}

}  // namespace tarn::logs
