// Evaluation: what all policies together say of a request, by AWS's rules.
//
// Place: services/iam/policy; the authorizer brings the policies. Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and its
// pages on policies within an account and across accounts. Threads: pure functions.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "services/iam/policy/document.h"

namespace tarn::iam::policy {

using DocumentList = std::span<const std::shared_ptr<const Document>>;

// What there is to ask. The documents belong to the caller.
struct Policies {
  bool unrestricted = false;           // the account's root: no identity policy needs to allow
  DocumentList identity;               // of the user and its groups, or of the role
  const Document* boundary = nullptr;  // the permissions boundary; nullptr: none
  DocumentList session;                // session policies, each of which must allow
  const Document* resource = nullptr;  // the resource's own; nullptr: none
  // The resource's policy must allow even its own account (KMS keys); elsewhere either may.
  bool resource_decides = false;
};

struct Decision {
  enum class Outcome : unsigned char { kAllowed, kDenied, kNotAllowed };
  enum class Source : unsigned char { kIdentity, kBoundary, kSession, kResource };
  Outcome outcome = Outcome::kNotAllowed;
  // Which policy denies (kDenied), or which one is missing that would allow (kNotAllowed).
  Source source = Source::kIdentity;

  [[nodiscard]] bool allowed() const { return outcome == Outcome::kAllowed; }
};

// An explicit denial wins over everything; else what is not allowed is denied.
[[nodiscard]] Decision evaluate(const Request& request, const Policies& policies);

// "User: … is not authorized to perform: … on resource: … because …", as AWS words it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html). Of a decision
// that does not allow.
[[nodiscard]] std::string describe(const Decision& decision, const Request& request);

}  // namespace tarn::iam::policy
