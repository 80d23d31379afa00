#include "services/iam/policy/pattern.h"

#include <fmt/format.h>

#include "services/iam/policy/malformed.h"
#include "wire/encoding.h"

namespace tarn::iam::policy {
namespace {

// Wildcards in compiled text. Policies hold no control characters, and a variable's value that does
// is not taken.
constexpr char kRun = '\x01';
constexpr char kOne = '\x02';

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

bool has_wildcard_byte(std::string_view text) {
  return text.find(kRun) != std::string_view::npos || text.find(kOne) != std::string_view::npos;
}

char fold(char c, bool ignore_case) {
  return ignore_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Goes back to the last run only, which is enough: an earlier run never has to take more.
bool matches_text(std::string_view pattern, std::string_view value, bool ignore_case) {
  std::size_t p = 0;
  std::size_t v = 0;
  std::size_t run = std::string_view::npos;
  std::size_t taken = 0;
  while (v < value.size()) {
    if (p < pattern.size() && pattern[p] == kRun) {
      run = p++;
      taken = v;
    } else if (p < pattern.size() && (pattern[p] == kOne || fold(pattern[p], ignore_case) ==
                                                                fold(value[v], ignore_case))) {
      ++p;
      ++v;
    } else if (run != std::string_view::npos) {
      p = run + 1;
      v = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == kRun) ++p;
  return p == pattern.size();
}

}  // namespace

// `inside` is what stands between the braces; `literal` takes it where it is a character that
// stands for itself.
Status Pattern::add_variable(std::string_view inside, std::string& literal) {
  if (inside == "*" || inside == "?" || inside == "$") {
    literal += inside;
    return {};
  }
  Piece piece;
  const std::size_t comma = inside.find(',');
  piece.key = wire::to_lower(wire::trim(inside.substr(0, comma)));
  if (piece.key.empty()) return malformed("A policy variable ${} names no key.");
  if (comma != std::string_view::npos) {
    const std::string_view text = wire::trim(inside.substr(comma + 1));
    if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') {
      return malformed(fmt::format(
          "The default value of the policy variable ${{{}}} must stand in single quotes.", inside));
    }
    piece.otherwise = text.substr(1, text.size() - 2);
  }
  if (!literal.empty()) pieces_.push_back({std::move(literal), {}, {}});
  literal.clear();
  pieces_.push_back(std::move(piece));
  return {};
}

Result<Pattern> Pattern::parse(std::string_view text, Rules rules) {
  Pattern out;
  out.ignore_case_ = rules.ignore_case;
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_control(c)) {
      return malformed(fmt::format("The value \"{}\" holds a control character.", printable(text)));
    }
    if (rules.variables && c == '$' && text.substr(i + 1).starts_with('{')) {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) {
        return malformed(
            fmt::format("A policy variable in \"{}\" lacks its closing brace.", printable(text)));
      }
      TARN_CHECK(out.add_variable(text.substr(i + 2, end - i - 2), literal));
      i = end;
    } else if (rules.wildcards && c == '*') {
      literal += kRun;
    } else if (rules.wildcards && c == '?') {
      literal += kOne;
    } else {
      literal += c;
    }
  }
  if (out.pieces_.empty()) {
    out.text_ = std::move(literal);
  } else if (!literal.empty()) {
    out.pieces_.push_back({std::move(literal), {}, {}});
  }
  return out;
}

std::optional<std::string> Pattern::fill(const Context& context) const {
  std::string out;
  for (const auto& piece : pieces_) {
    if (piece.key.empty()) {
      out += piece.text;
      continue;
    }
    const Values values = context.find(piece.key);
    if (values.size() > 1 || (values.empty() && !piece.otherwise)) return std::nullopt;
    const std::string& value = values.empty() ? *piece.otherwise : values.front();
    if (has_wildcard_byte(value)) return std::nullopt;
    out += value;
  }
  return out;
}

Match Pattern::match(std::string_view value, const Context& context) const {
  if (pieces_.empty()) return matches(value) ? Match::kYes : Match::kNo;
  const auto filled = fill(context);
  if (!filled) return Match::kUnresolved;
  return matches_text(*filled, value, ignore_case_) ? Match::kYes : Match::kNo;
}

bool Pattern::matches(std::string_view value) const {
  return matches_text(text_, value, ignore_case_);
}

bool Pattern::is_any() const {
  return pieces_.empty() && text_.size() == 1 && text_.front() == kRun;
}

}  // namespace tarn::iam::policy
