#include "services/dynamodb/decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace tarn::dynamodb {
namespace {

// First byte of the ordered form.
constexpr char kNegative = 0x01;
constexpr char kZero = 0x02;
constexpr char kPositive = 0x03;
constexpr int kExponentBias = 1000;

Error not_a_number(std::string_view text) {
  std::string message = "The parameter cannot be converted to a numeric value";
  if (!text.empty()) message.append(": ").append(text);
  return {"ValidationException", message};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const auto digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// Reads the exponent after an 'e'. Values beyond any limit are clamped, so that they overflow by
// name.
bool take_exponent(std::string_view& text, int& exponent) {
  const bool minus = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  auto digits = take_digits(text);
  if (digits.empty()) return false;
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  int magnitude = 100'000;
  if (digits.size() <= 5) std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  exponent = minus ? -magnitude : magnitude;
  return true;
}

// Digits of `digits` (a number 0.d1d2... * 10^exponent) as an integer scaled by 10^(width - top).
std::string aligned(const std::string& digits, int exponent, int top, std::size_t width) {
  std::string out(static_cast<std::size_t>(top - exponent), '0');
  out += digits;
  out.resize(width, '0');
  return out;
}

// a + b, equal lengths; the first digit of the answer is the carry.
std::string add_digits(const std::string& a, const std::string& b) {
  std::string out(a.size() + 1, '0');
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int sum = (a[i] - '0') + (b[i] - '0') + carry;
    out[i + 1] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  out[0] = static_cast<char>('0' + carry);
  return out;
}

// a - b where a >= b, equal lengths; the answer has a leading zero in the carry's place.
std::string subtract_digits(const std::string& a, const std::string& b) {
  std::string out(a.size() + 1, '0');
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int difference = (a[i] - '0') - (b[i] - '0') - borrow;
    borrow = difference < 0 ? 1 : 0;
    if (difference < 0) difference += 10;
    out[i + 1] = static_cast<char>('0' + difference);
  }
  return out;
}

Error damaged() {
  return {code::kCorrupt, "a stored number is damaged"};
}

}  // namespace

Result<Decimal> Decimal::normal(bool negative, std::string digits, int exponent) {
  const auto first = digits.find_first_not_of('0');
  if (first == std::string::npos) return Decimal();
  digits.erase(0, first);
  exponent -= static_cast<int>(first);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.size() > kMaxDigits) {
    return Error("ValidationException",
                 "Attempting to store more than 38 significant digits in a Number");
  }
  if (exponent > kMaxExponent) {
    return Error(
        "ValidationException",
        "Number overflow. Attempting to store a number with magnitude larger than supported range");
  }
  if (exponent < kMinExponent) {
    return Error("ValidationException",
                 "Number underflow. Attempting to store a number with magnitude smaller than "
                 "supported range");
  }
  Decimal out;
  out.negative_ = negative;
  out.digits_ = std::move(digits);
  out.exponent_ = exponent;
  return out;
}

Result<Decimal> Decimal::parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  const auto whole = take_digits(rest);
  std::string_view fraction;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
  }
  if (whole.empty() && fraction.empty()) return not_a_number(text);
  int exponent = 0;
  if (!rest.empty() && (rest.front() == 'e' || rest.front() == 'E')) {
    rest.remove_prefix(1);
    if (!take_exponent(rest, exponent)) return not_a_number(text);
  }
  if (!rest.empty()) return not_a_number(text);
  std::string digits(whole);
  digits.append(fraction);
  return normal(negative, std::move(digits), exponent + static_cast<int>(whole.size()));
}

Decimal Decimal::of(long long value) {
  return parse(std::to_string(value)).value();
}

std::string Decimal::to_string() const {
  if (digits_.empty()) return "0";
  std::string out = negative_ ? "-" : "";
  if (exponent_ <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent_), '0');
    return out += digits_;
  }
  const auto whole = static_cast<std::size_t>(exponent_);
  if (whole >= digits_.size()) {
    out += digits_;
    return out.append(whole - digits_.size(), '0');
  }
  out.append(digits_, 0, whole);
  out += '.';
  return out.append(digits_, whole);
}

std::strong_ordering Decimal::compare_magnitude(const Decimal& other) const {
  if (is_zero() || other.is_zero()) return other.is_zero() <=> is_zero();
  if (exponent_ != other.exponent_) return exponent_ <=> other.exponent_;
  return digits_ <=> other.digits_;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  if (negative_ != other.negative_) return other.negative_ <=> negative_;
  return negative_ ? other.compare_magnitude(*this) : compare_magnitude(other);
}

Result<Decimal> Decimal::plus(const Decimal& other) const {
  if (is_zero()) return other;
  if (other.is_zero()) return *this;
  const int top = std::max(exponent_, other.exponent_);
  const int bottom = std::min(exponent_ - static_cast<int>(digits_.size()),
                              other.exponent_ - static_cast<int>(other.digits_.size()));
  const auto width = static_cast<std::size_t>(top - bottom);
  const std::string mine = aligned(digits_, exponent_, top, width);
  const std::string theirs = aligned(other.digits_, other.exponent_, top, width);
  if (negative_ == other.negative_) return normal(negative_, add_digits(mine, theirs), top + 1);
  if (mine >= theirs) return normal(negative_, subtract_digits(mine, theirs), top + 1);
  return normal(other.negative_, subtract_digits(theirs, mine), top + 1);
}

Result<Decimal> Decimal::minus(const Decimal& other) const {
  Decimal negated = other;
  if (!negated.is_zero()) negated.negative_ = !negated.negative_;
  return plus(negated);
}

std::size_t Decimal::size_bytes() const {
  return 1 + (digits_.size() + 1) / 2 + (negative_ ? 1U : 0U);
}

long long Decimal::to_integer() const {
  if (exponent_ <= 0) return 0;
  if (exponent_ > 18) {
    return negative_ ? std::numeric_limits<long long>::min()
                     : std::numeric_limits<long long>::max();
  }
  std::string whole = digits_.substr(0, static_cast<std::size_t>(exponent_));
  whole.resize(static_cast<std::size_t>(exponent_), '0');
  const long long magnitude = std::stoll(whole);
  return negative_ ? -magnitude : magnitude;
}

void Decimal::append_ordered(std::string& out) const {
  if (is_zero()) {
    out += kZero;
    return;
  }
  out += negative_ ? kNegative : kPositive;
  // A larger magnitude is a smaller negative number, so there every byte is turned round.
  const unsigned flip = negative_ ? 0xffU : 0x00U;
  const auto add = [&](unsigned byte) {
    out += static_cast<char>((byte ^ flip) & 0xffU);
  };
  const auto biased = static_cast<unsigned>(exponent_ + kExponentBias);
  add(biased >> 8U);
  add(biased & 0xffU);
  for (std::size_t i = 0; i < digits_.size(); i += 2) {
    const int low = i + 1 < digits_.size() ? digits_[i + 1] - '0' : 0;
    add(static_cast<unsigned>((digits_[i] - '0') * 10 + low + 1));
  }
  add(0);
}

Result<Decimal> Decimal::take_ordered(std::string_view& in) {
  if (in.empty()) return damaged();
  const char sign = in.front();
  in.remove_prefix(1);
  if (sign == kZero) return Decimal();
  if ((sign != kNegative && sign != kPositive) || in.size() < 3) return damaged();
  const unsigned flip = sign == kNegative ? 0xffU : 0x00U;
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(in[i]) ^ flip;
  };
  const int exponent = static_cast<int>(byte(0) << 8U | byte(1)) - kExponentBias;
  std::string digits;
  std::size_t at = 2;
  for (; at < in.size() && byte(at) != 0; ++at) {
    if (byte(at) > 100) return damaged();
    digits += static_cast<char>('0' + (byte(at) - 1) / 10);
    digits += static_cast<char>('0' + (byte(at) - 1) % 10);
  }
  if (at == in.size()) return damaged();
  in.remove_prefix(at + 1);
  auto number = normal(sign == kNegative, std::move(digits), exponent);
  return number.ok() ? std::move(number) : Result<Decimal>(damaged());
}

}  // namespace tarn::dynamodb
