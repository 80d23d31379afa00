// Condition: one operator with one key and its values, such as {"StringLike": {"s3:prefix":
// "a/*"}}.
//
// Place: services/iam/policy. Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
// Threads: immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/iam/policy/comparison.h"
#include "services/iam/policy/context.h"

namespace tarn::iam::policy {

class Condition {
 public:
  // `name` is the operator as the policy writes it, such as "ForAnyValue:StringLikeIfExists";
  // `variables`: whether the policy's version knows policy variables. Error:
  // MalformedPolicyDocument (no such operator, a key that is none, a value of another type).
  [[nodiscard]] static Result<Condition> parse(std::string_view name, std::string_view key,
                                               const std::vector<std::string>& values,
                                               bool variables);

  // `when_unresolved` is what a negated comparison gives with a policy variable that the request
  // has no value for: true for a Deny, false for an Allow, so that neither gives too much.
  [[nodiscard]] bool holds(const Context& context, bool when_unresolved) const;

  // Whether it keeps an Allow for everyone from being public: it asks for fixed values of a key
  // that tells who or where the caller is.
  [[nodiscard]] bool narrows_to_known_callers() const;

 private:
  enum class Quantifier : unsigned char { kNone, kAny, kAll };

  [[nodiscard]] bool satisfies(std::string_view value, const Context& context,
                               bool when_unresolved) const;

  std::string key_;  // lower case
  Quantifier quantifier_ = Quantifier::kNone;
  bool if_exists_ = false;
  bool negated_ = false;
  bool is_null_ = false;       // the operator Null, whose values are wants_absent_
  bool wants_absent_ = false;  // Null: true
  bool wants_present_ = false;
  bool has_fixed_values_ = false;
  std::vector<std::unique_ptr<const Comparison>> comparisons_;
};

}  // namespace tarn::iam::policy
