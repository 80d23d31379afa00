// Comparison: one value of a condition, compiled for its operator.
//
// Place: services/iam/policy. Threads: immutable.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "services/iam/policy/pattern.h"

namespace tarn::iam::policy {

class Comparison {
 public:
  Comparison() = default;
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;
  virtual ~Comparison() = default;

  [[nodiscard]] virtual Match matches(std::string_view value, const Context& context) const = 0;
  // Whether it asks for one value, or for a range that is not everything: no wildcard, no variable.
  [[nodiscard]] virtual bool is_fixed() const { return true; }
};

// What is compared, and how. The negated operators are these with their answer turned.
enum class Operator : unsigned char {
  kStringEquals,
  kStringEqualsIgnoreCase,
  kStringLike,
  kNumericEquals,
  kNumericLess,
  kNumericLessOrEqual,
  kNumericGreater,
  kNumericGreaterOrEqual,
  kDateEquals,
  kDateLess,
  kDateLessOrEqual,
  kDateGreater,
  kDateGreaterOrEqual,
  kBool,
  kBinaryEquals,
  kIpAddress,
  kArnLike,
  kNull
};

// `text` as the operator wants it; `variables` as in Condition::parse. Not for kNull. Error:
// MalformedPolicyDocument (not of the operator's type).
[[nodiscard]] Result<std::unique_ptr<const Comparison>> make_comparison(Operator how,
                                                                        std::string_view text,
                                                                        bool variables);

}  // namespace tarn::iam::policy
