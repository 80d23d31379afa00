#include "services/iam/policy/comparison.h"

#include <array>
#include <charconv>
#include <cmath>
#include <compare>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "services/iam/policy/ip_range.h"
#include "services/iam/policy/malformed.h"
#include "wire/dates.h"
#include "wire/encoding.h"

namespace tarn::iam::policy {
namespace {

using Made = Result<std::unique_ptr<const Comparison>>;

Match yes_if(bool holds) {
  return holds ? Match::kYes : Match::kNo;
}

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos ||
         text.find("${") != std::string_view::npos;
}

class Text final : public Comparison {
 public:
  Text(Pattern pattern, bool fixed) : pattern_(std::move(pattern)), fixed_(fixed) {}
  [[nodiscard]] Match matches(std::string_view value, const Context& context) const override {
    return pattern_.match(value, context);
  }
  [[nodiscard]] bool is_fixed() const override { return fixed_; }

 private:
  Pattern pattern_;
  bool fixed_;
};

constexpr std::size_t kArnParts = 6;

// The parts of an ARN: five colons divide it, further ones belong to the last. nullopt: no ARN.
std::optional<std::array<std::string_view, kArnParts>> parts_of_arn(std::string_view text) {
  std::array<std::string_view, kArnParts> out;
  for (std::size_t i = 0; i + 1 < kArnParts; ++i) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    out[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  out[kArnParts - 1] = text;
  return out;
}

// The same of a pattern, whose variables may hold colons ("${aws:username}").
std::optional<std::array<std::string_view, kArnParts>> parts_of_pattern(std::string_view text) {
  std::array<std::string_view, kArnParts> out;
  std::size_t part = 0;
  std::size_t begin = 0;
  bool in_variable = false;
  for (std::size_t i = 0; i < text.size() && part + 1 < kArnParts; ++i) {
    if (text.substr(i).starts_with("${")) in_variable = true;
    if (text[i] == '}') in_variable = false;
    if (text[i] != ':' || in_variable) continue;
    out[part++] = text.substr(begin, i - begin);
    begin = i + 1;
  }
  if (part + 1 < kArnParts) return std::nullopt;
  out[part] = text.substr(begin);
  return out;
}

// Each part is compared by itself: a wildcard never reaches over a colon of the first five.
class Arn final : public Comparison {
 public:
  Arn(std::array<Pattern, kArnParts> parts, bool fixed) : parts_(std::move(parts)), fixed_(fixed) {}

  [[nodiscard]] Match matches(std::string_view value, const Context& context) const override {
    const auto parts = parts_of_arn(value);
    if (!parts) return Match::kNo;
    Match out = Match::kYes;
    for (std::size_t i = 0; i < kArnParts; ++i) {
      const Match part = parts_[i].match((*parts)[i], context);
      if (part == Match::kNo) return Match::kNo;
      if (part == Match::kUnresolved) out = Match::kUnresolved;
    }
    return out;
  }
  [[nodiscard]] bool is_fixed() const override { return fixed_; }

 private:
  std::array<Pattern, kArnParts> parts_;
  bool fixed_;
};

enum class Relation : unsigned char { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

template <class T>
bool stands(T value, Relation relation, T bound) {
  switch (relation) {
    case Relation::kEqual: return value == bound;
    case Relation::kLess: return value < bound;
    case Relation::kLessOrEqual: return value <= bound;
    case Relation::kGreater: return value > bound;
    case Relation::kGreaterOrEqual: return value >= bound;
  }
  return false;
}

std::optional<double> parse_number(std::string_view text) {
  double out = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(out))
    return std::nullopt;
  return out;
}

class Number final : public Comparison {
 public:
  Number(Relation relation, double bound) : relation_(relation), bound_(bound) {}
  [[nodiscard]] Match matches(std::string_view value, const Context& /*context*/) const override {
    const auto number = parse_number(value);
    return yes_if(number && stands(*number, relation_, bound_));
  }

 private:
  Relation relation_;
  double bound_;
};

// ISO 8601 in one of the forms of W3C, or seconds since 1970.
std::optional<Timestamp> parse_date(std::string_view text) {
  if (auto time = wire::from_iso8601(text)) return time;
  return wire::from_epoch_seconds(text);
}

class Date final : public Comparison {
 public:
  Date(Relation relation, Timestamp bound) : relation_(relation), bound_(bound) {}
  [[nodiscard]] Match matches(std::string_view value, const Context& /*context*/) const override {
    const auto time = parse_date(value);
    return yes_if(time && stands(time->ms, relation_, bound_.ms));
  }

 private:
  Relation relation_;
  Timestamp bound_;
};

class Bool final : public Comparison {
 public:
  explicit Bool(bool wanted) : wanted_(wanted) {}
  [[nodiscard]] Match matches(std::string_view value, const Context& /*context*/) const override {
    return yes_if(wire::equals_ignoring_case(value, wanted_ ? "true" : "false"));
  }

 private:
  bool wanted_;
};

class Binary final : public Comparison {
 public:
  explicit Binary(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] Match matches(std::string_view value, const Context& /*context*/) const override {
    return yes_if(wire::from_base64(value) == bytes_);
  }

 private:
  std::string bytes_;
};

class Ip final : public Comparison {
 public:
  explicit Ip(IpRange range) : range_(range) {}
  [[nodiscard]] Match matches(std::string_view value, const Context& /*context*/) const override {
    return yes_if(range_.contains(value));
  }
  [[nodiscard]] bool is_fixed() const override { return !range_.is_everything(); }

 private:
  IpRange range_;
};

Made make_text(std::string_view text, Pattern::Rules rules) {
  const bool fixed = rules.wildcards ? !has_wildcard(text) : text.find("${") == text.npos;
  TARN_TRY(auto pattern, Pattern::parse(text, rules));
  return Made(std::make_unique<const Text>(std::move(pattern), fixed));
}

Made make_arn(std::string_view text, bool variables) {
  if (text == "*") return make_arn("*:*:*:*:*:*", variables);
  const auto parts = parts_of_pattern(text);
  if (!parts) {
    return malformed(fmt::format(
        "The value \"{}\" of an Arn condition is no ARN: it needs six parts that colons divide.",
        printable(text)));
  }
  std::array<Pattern, kArnParts> patterns;
  for (std::size_t i = 0; i < kArnParts; ++i) {
    TARN_TRY(patterns[i], Pattern::parse((*parts)[i], {true, variables, false}));
  }
  return Made(std::make_unique<const Arn>(std::move(patterns), !has_wildcard(text)));
}

Made make_number(std::string_view text, Relation relation) {
  const auto number = parse_number(text);
  if (!number) {
    return malformed(
        fmt::format("The value \"{}\" of a Numeric condition is no number.", printable(text)));
  }
  return Made(std::make_unique<const Number>(relation, *number));
}

Made make_date(std::string_view text, Relation relation) {
  const auto time = parse_date(text);
  if (!time) {
    return malformed(
        fmt::format("The value \"{}\" of a Date condition is no date: write it as "
                    "2026-11-27T20:00:00Z or in seconds since 1970.",
                    printable(text)));
  }
  return Made(std::make_unique<const Date>(relation, *time));
}

Made make_bool(std::string_view text) {
  const bool is_true = wire::equals_ignoring_case(text, "true");
  if (!is_true && !wire::equals_ignoring_case(text, "false")) {
    return malformed(fmt::format("The value \"{}\" of a Bool condition is neither true nor false.",
                                 printable(text)));
  }
  return Made(std::make_unique<const Bool>(is_true));
}

Made make_binary(std::string_view text) {
  auto bytes = wire::from_base64(text);
  if (!bytes) {
    return malformed(fmt::format("The value \"{}\" of a BinaryEquals condition is not base64.",
                                 printable(text)));
  }
  return Made(std::make_unique<const Binary>(std::move(*bytes)));
}

Made make_ip(std::string_view text) {
  const auto range = IpRange::parse(text);
  if (!range) {
    return malformed(
        fmt::format("The value \"{}\" of an IpAddress condition is neither an address "
                    "nor a CIDR block such as 203.0.113.0/24.",
                    printable(text)));
  }
  return Made(std::make_unique<const Ip>(*range));
}

Relation relation_of(Operator how) {
  switch (how) {
    case Operator::kNumericLess:
    case Operator::kDateLess: return Relation::kLess;
    case Operator::kNumericLessOrEqual:
    case Operator::kDateLessOrEqual: return Relation::kLessOrEqual;
    case Operator::kNumericGreater:
    case Operator::kDateGreater: return Relation::kGreater;
    case Operator::kNumericGreaterOrEqual:
    case Operator::kDateGreaterOrEqual: return Relation::kGreaterOrEqual;
    default: return Relation::kEqual;
  }
}

}  // namespace

Made make_comparison(Operator how, std::string_view text, bool variables) {
  switch (how) {
    case Operator::kStringEquals: return make_text(text, {false, variables, false});
    case Operator::kStringEqualsIgnoreCase: return make_text(text, {false, variables, true});
    case Operator::kStringLike: return make_text(text, {true, variables, false});
    case Operator::kArnLike: return make_arn(text, variables);
    case Operator::kBool: return make_bool(text);
    case Operator::kBinaryEquals: return make_binary(text);
    case Operator::kIpAddress: return make_ip(text);
    case Operator::kDateEquals:
    case Operator::kDateLess:
    case Operator::kDateLessOrEqual:
    case Operator::kDateGreater:
    case Operator::kDateGreaterOrEqual: return make_date(text, relation_of(how));
    default: return make_number(text, relation_of(how));
  }
}

}  // namespace tarn::iam::policy
