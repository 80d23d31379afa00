#include "services/iam/policy/evaluate.h"

#include <algorithm>

#include <fmt/format.h>

namespace tarn::iam::policy {
namespace {

using Closeness = Principals::Closeness;
using Outcome = Decision::Outcome;
using Source = Decision::Source;

bool any_denies(DocumentList documents, const Request& request) {
  return std::any_of(documents.begin(), documents.end(),
                     [&](const auto& document) { return document->denial(request) != nullptr; });
}

bool any_allows(DocumentList documents, const Request& request) {
  return std::any_of(documents.begin(), documents.end(),
                     [&](const auto& document) { return document->allows(request); });
}

Decision not_allowed(Source source) {
  return {Outcome::kNotAllowed, source};
}

// Boundary and session policies take away; they never give.
Decision within_limits(const Request& request, const Policies& policies) {
  if (policies.boundary != nullptr && !policies.boundary->allows(request))
    return not_allowed(Source::kBoundary);
  const bool all_allow =
      std::all_of(policies.session.begin(), policies.session.end(),
                  [&](const auto& document) { return document->allows(request); });
  if (!all_allow) return not_allowed(Source::kSession);
  return {Outcome::kAllowed, Source::kIdentity};
}

// A grant to the very user or session counts after its limits are set, so that these do not bind.
bool is_beyond_limits(const Request& request, Closeness grant) {
  if (grant != Closeness::kSelf) return false;
  const auto kind = request.principal.kind;
  return kind == Principal::Kind::kUser || kind == Principal::Kind::kRoleSession ||
         kind == Principal::Kind::kFederatedUser || kind == Principal::Kind::kService;
}

}  // namespace

Decision evaluate(const Request& request, const Policies& policies) {
  if (any_denies(policies.identity, request)) return {Outcome::kDenied, Source::kIdentity};
  if (policies.boundary != nullptr && policies.boundary->denial(request) != nullptr)
    return {Outcome::kDenied, Source::kBoundary};
  if (any_denies(policies.session, request)) return {Outcome::kDenied, Source::kSession};
  if (policies.resource != nullptr && policies.resource->denial(request) != nullptr)
    return {Outcome::kDenied, Source::kResource};

  const Closeness grant =
      policies.resource != nullptr ? policies.resource->grant(request) : Closeness::kNone;
  if (request.principal.kind == Principal::Kind::kAnonymous) {
    if (grant == Closeness::kNone) return not_allowed(Source::kResource);
    return {Outcome::kAllowed, Source::kResource};
  }
  const bool identity_allows = policies.unrestricted || any_allows(policies.identity, request);
  const bool across =
      !request.resource_account.empty() && request.resource_account != request.principal.account;
  if (across || policies.resource_decides) {
    // Both sides must agree; within the account a key's grant to one principal is enough.
    if (grant == Closeness::kNone) return not_allowed(Source::kResource);
    if (!across && is_beyond_limits(request, grant)) return {Outcome::kAllowed, Source::kResource};
    const bool granted = !across && grant != Closeness::kAccount;
    if (!identity_allows && !granted) return not_allowed(Source::kIdentity);
    return within_limits(request, policies);
  }
  if (is_beyond_limits(request, grant)) return {Outcome::kAllowed, Source::kResource};
  if (!identity_allows && grant < Closeness::kEveryone) return not_allowed(Source::kIdentity);
  return within_limits(request, policies);
}

std::string describe(const Decision& decision, const Request& request) {
  const std::string_view who = request.principal.kind == Principal::Kind::kAnonymous
                                   ? std::string_view("anonymous")
                                   : request.principal.arn;
  const bool denied = decision.outcome == Outcome::kDenied;
  std::string_view kind;
  std::string_view article = "a";
  switch (decision.source) {
    case Source::kIdentity:
      kind = "identity-based policy";
      article = "an";
      break;
    case Source::kBoundary: kind = "permissions boundary"; break;
    case Source::kSession: kind = "session policy"; break;
    case Source::kResource: kind = "resource-based policy"; break;
  }
  const std::string why =
      denied ? fmt::format("with an explicit deny in {} {}", article, kind)
             : fmt::format("because no {} allows the {} action", kind, request.action);
  return fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", who,
                     request.action, request.resource, why);
}

}  // namespace tarn::iam::policy
