// Decimal: DynamoDB's number, exact to 38 significant digits.
//
// Place: dynamodb; depends on base only. Source of the limits: "Numbers" in
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
// Threads: a value type.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::dynamodb {

class Decimal {
 public:
  static constexpr std::size_t kMaxDigits = 38;
  // |value| is 0 or in [1E-130, 1E126): as 0.d1d2d3... * 10^exponent, the exponent is in [-129,
  // 126].
  static constexpr int kMaxExponent = 126;
  static constexpr int kMinExponent = -129;

  Decimal() = default;  // zero

  // Reads "12", "-1.50", "2e-3". Errors: ValidationException (not a number, more than 38 digits,
  // out of range).
  [[nodiscard]] static Result<Decimal> parse(std::string_view text);
  [[nodiscard]] static Decimal of(long long value);

  // Plain notation without needless zeros, as DynamoDB returns numbers: "1.5", "100", "-0.002".
  [[nodiscard]] std::string to_string() const;

  // Errors: ValidationException (the result does not fit).
  [[nodiscard]] Result<Decimal> plus(const Decimal& other) const;
  [[nodiscard]] Result<Decimal> minus(const Decimal& other) const;

  [[nodiscard]] bool negative() const { return negative_; }
  [[nodiscard]] bool is_zero() const { return digits_.empty(); }
  // Significant digits.
  [[nodiscard]] std::size_t digits() const { return digits_.size(); }
  // The number's part of an item's size in bytes
  // (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
  [[nodiscard]] std::size_t size_bytes() const;
  // Rounded towards zero, clamped to the range of long long.
  [[nodiscard]] long long to_integer() const;

  // Appends a form whose order as unsigned bytes is the order of the numbers, and of which none is
  // a prefix of another (docs/formats/dynamodb.md, "Numbers").
  void append_ordered(std::string& out) const;
  // Takes such a form off the front of `in`. Errors: kCorrupt.
  [[nodiscard]] static Result<Decimal> take_ordered(std::string_view& in);

  friend bool operator==(const Decimal&, const Decimal&) = default;
  std::strong_ordering operator<=>(const Decimal& other) const;

 private:
  // Drops zeros at both ends and checks the limits.
  [[nodiscard]] static Result<Decimal> normal(bool negative, std::string digits, int exponent);
  [[nodiscard]] std::strong_ordering compare_magnitude(const Decimal& other) const;

  bool negative_ = false;
  std::string digits_;  // '0'..'9', neither first nor last is '0'; empty: zero
  int exponent_ = 0;    // 0 when zero
};

}  // namespace tarn::dynamodb
