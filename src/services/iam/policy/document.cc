#include "services/iam/policy/document.h"

#include <algorithm>

namespace tarn::iam::policy {
namespace {

using Closeness = Principals::Closeness;

}  // namespace

bool Statement::applies(const Request& request) const {
  const bool names_action =
      std::any_of(actions.begin(), actions.end(),
                  [&](const Pattern& pattern) { return pattern.matches(request.action); });
  if (names_action == not_actions) return false;
  // What cannot be told must neither widen an Allow nor narrow a Deny.
  const bool when_unresolved = !allows;
  if (!resources.empty()) {
    Match match = Match::kNo;
    for (const auto& pattern : resources) {
      const Match each = pattern.match(request.resource, request.context);
      if (each != Match::kNo) match = each;
      if (each == Match::kYes) break;
    }
    if (!not_resources && match != Match::kYes) return false;
    if (not_resources && match == Match::kYes) return false;
    if (not_resources && match == Match::kUnresolved && !when_unresolved) return false;
  }
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    return condition.holds(request.context, when_unresolved);
  });
}

Closeness Statement::names(const Principal& principal) const {
  if (!principals) return Closeness::kSelf;
  if (!not_principals) return principals->match(principal);
  return principals->excepts(principal) ? Closeness::kNone : Closeness::kEveryone;
}

std::shared_ptr<const Document> Document::nothing() {
  static const auto kNothing = std::make_shared<const Document>();
  return kNothing;
}

const Statement* Document::denial(const Request& request) const {
  for (const auto& statement : statements_) {
    if (!statement.allows && statement.names(request.principal) != Closeness::kNone &&
        statement.applies(request))
      return &statement;
  }
  return nullptr;
}

Closeness Document::grant(const Request& request) const {
  Closeness closest = Closeness::kNone;
  for (const auto& statement : statements_) {
    if (!statement.allows) continue;
    const Closeness each = statement.names(request.principal);
    if (each > closest && statement.applies(request)) closest = each;
  }
  return closest;
}

bool Document::is_public() const {
  return std::any_of(statements_.begin(), statements_.end(), [](const Statement& statement) {
    if (!statement.allows || !statement.principals) return false;
    if (!statement.not_principals && !statement.principals->names_everyone()) return false;
    return std::none_of(
        statement.conditions.begin(), statement.conditions.end(),
        [](const Condition& condition) { return condition.narrows_to_known_callers(); });
  });
}

}  // namespace tarn::iam::policy
