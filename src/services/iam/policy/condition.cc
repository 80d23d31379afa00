#include "services/iam/policy/condition.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/iam/policy/malformed.h"
#include "wire/encoding.h"

namespace tarn::iam::policy {
namespace {

struct OperatorName {
  std::string_view name;
  Operator how;
  bool negated;
};

constexpr OperatorName kOperators[] = {
    {"StringEquals", Operator::kStringEquals, false},
    {"StringNotEquals", Operator::kStringEquals, true},
    {"StringEqualsIgnoreCase", Operator::kStringEqualsIgnoreCase, false},
    {"StringNotEqualsIgnoreCase", Operator::kStringEqualsIgnoreCase, true},
    {"StringLike", Operator::kStringLike, false},
    {"StringNotLike", Operator::kStringLike, true},
    {"NumericEquals", Operator::kNumericEquals, false},
    {"NumericNotEquals", Operator::kNumericEquals, true},
    {"NumericLessThan", Operator::kNumericLess, false},
    {"NumericLessThanEquals", Operator::kNumericLessOrEqual, false},
    {"NumericGreaterThan", Operator::kNumericGreater, false},
    {"NumericGreaterThanEquals", Operator::kNumericGreaterOrEqual, false},
    {"DateEquals", Operator::kDateEquals, false},
    {"DateNotEquals", Operator::kDateEquals, true},
    {"DateLessThan", Operator::kDateLess, false},
    {"DateLessThanEquals", Operator::kDateLessOrEqual, false},
    {"DateGreaterThan", Operator::kDateGreater, false},
    {"DateGreaterThanEquals", Operator::kDateGreaterOrEqual, false},
    {"Bool", Operator::kBool, false},
    {"BinaryEquals", Operator::kBinaryEquals, false},
    {"IpAddress", Operator::kIpAddress, false},
    {"NotIpAddress", Operator::kIpAddress, true},
    // ArnEquals and ArnLike behave alike, says the page of the operators.
    {"ArnEquals", Operator::kArnLike, false},
    {"ArnLike", Operator::kArnLike, false},
    {"ArnNotEquals", Operator::kArnLike, true},
    {"ArnNotLike", Operator::kArnLike, true},
    {"Null", Operator::kNull, false},
};

constexpr std::string_view kAnyPrefix = "ForAnyValue:";
constexpr std::string_view kAllPrefix = "ForAllValues:";
constexpr std::string_view kIfExists = "IfExists";

const OperatorName* find_operator(std::string_view name) {
  for (const auto& each : kOperators) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

// Keys that AWS fills and this program cannot, yet: an Allow that hangs on one would give too much
// with ForAllValues or IfExists, so that the policy is not taken.
constexpr std::string_view kNotFilled[] = {
    "dynamodb:leadingkeys",
    "dynamodb:attributes",
    "dynamodb:enclosingoperation",
    "dynamodb:fulltablescan",
};

// The keys by which S3 tells a policy that is not public
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
constexpr std::string_view kNarrowing[] = {
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:userid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:username",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
};

Status check_key(std::string_view key) {
  const std::size_t colon = key.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == key.size()) {
    return malformed(fmt::format(
        "The condition key \"{}\" must be prefaced by a vendor, such as aws:SourceIp or s3:prefix.",
        printable(key)));
  }
  const std::string lower = wire::to_lower(key);
  if (std::find(std::begin(kNotFilled), std::end(kNotFilled), lower) != std::end(kNotFilled)) {
    return malformed(fmt::format(
        "The condition key \"{}\" is not known of requests here, so that a condition on it would "
        "guard nothing. Leave it out.",
        key));
  }
  return {};
}

}  // namespace

Result<Condition> Condition::parse(std::string_view name, std::string_view key,
                                   const std::vector<std::string>& values, bool variables) {
  Condition out;
  std::string_view bare = name;
  if (bare.starts_with(kAnyPrefix)) {
    out.quantifier_ = Quantifier::kAny;
    bare.remove_prefix(kAnyPrefix.size());
  } else if (bare.starts_with(kAllPrefix)) {
    out.quantifier_ = Quantifier::kAll;
    bare.remove_prefix(kAllPrefix.size());
  }
  if (bare.ends_with(kIfExists)) {
    out.if_exists_ = true;
    bare.remove_suffix(kIfExists.size());
  }
  const OperatorName* found = find_operator(bare);
  if (found == nullptr || (found->how == Operator::kNull && out.if_exists_)) {
    return malformed(fmt::format("Invalid Condition type : {}.", printable(name)));
  }
  TARN_CHECK(check_key(key));
  out.key_ = wire::to_lower(key);
  out.negated_ = found->negated;
  out.is_null_ = found->how == Operator::kNull;
  for (const auto& value : values) {
    if (out.is_null_) {
      const bool absent = wire::equals_ignoring_case(value, "true");
      if (!absent && !wire::equals_ignoring_case(value, "false")) {
        return malformed(fmt::format(
            "The value \"{}\" of a Null condition is neither true nor false.", printable(value)));
      }
      (absent ? out.wants_absent_ : out.wants_present_) = true;
      continue;
    }
    TARN_TRY(auto comparison, make_comparison(found->how, value, variables));
    out.comparisons_.push_back(std::move(comparison));
  }
  out.has_fixed_values_ = std::all_of(out.comparisons_.begin(), out.comparisons_.end(),
                                      [](const auto& each) { return each->is_fixed(); });
  return out;
}

bool Condition::satisfies(std::string_view value, const Context& context,
                          bool when_unresolved) const {
  bool unresolved = false;
  for (const auto& comparison : comparisons_) {
    const Match match = comparison->matches(value, context);
    if (match == Match::kYes) return !negated_;
    unresolved = unresolved || match == Match::kUnresolved;
  }
  if (!negated_) return false;
  return unresolved ? when_unresolved : true;
}

bool Condition::holds(const Context& context, bool when_unresolved) const {
  const Values values = context.find(key_);
  if (is_null_) return values.empty() ? wants_absent_ : wants_present_;
  if (values.empty()) {
    if (if_exists_ || quantifier_ == Quantifier::kAll) return true;
    return quantifier_ == Quantifier::kNone && negated_;
  }
  const auto each = [&](const std::string& value) {
    return satisfies(value, context, when_unresolved);
  };
  const bool all =
      quantifier_ == Quantifier::kAll || (quantifier_ == Quantifier::kNone && negated_);
  return all ? std::all_of(values.begin(), values.end(), each)
             : std::any_of(values.begin(), values.end(), each);
}

bool Condition::narrows_to_known_callers() const {
  return !is_null_ && !negated_ && !if_exists_ && quantifier_ != Quantifier::kAll &&
         has_fixed_values_ &&
         std::find(std::begin(kNarrowing), std::end(kNarrowing), key_) != std::end(kNarrowing);
}

}  // namespace tarn::iam::policy
