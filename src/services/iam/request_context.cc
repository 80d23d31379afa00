#include "services/iam/request_context.h"

#include <fmt/format.h>

#include "services/iam/resource.h"
#include "services/iam/session.h"
#include "wire/dates.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

using policy::Principal;
using policy::Values;

constexpr std::string_view kPrincipalTag = "aws:principaltag/";
// Families of keys, each with a name at its end, that an overlay declares by what stands before it.
constexpr std::string_view kRequestTag = "aws:requesttag/";
constexpr std::string_view kEncryptionContext = "kms:encryptioncontext:";

Values one(std::string_view text) {
  return text.empty() ? Values() : Values{std::string(text)};
}

// A key that is always known.
Values flag(bool holds) {
  return {holds ? "true" : "false"};
}

// The fifth part of an ARN.
std::string_view account_of(std::string_view arn) {
  for (int i = 0; i < 4; ++i) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

std::string_view type_of(Principal::Kind kind) {
  switch (kind) {
    case Principal::Kind::kAnonymous: return "Anonymous";
    case Principal::Kind::kRoot: return "Account";
    case Principal::Kind::kUser: return "User";
    case Principal::Kind::kRoleSession: return "AssumedRole";
    case Principal::Kind::kFederatedUser: return "FederatedUser";
    case Principal::Kind::kService: return "Service";
  }
  return {};
}

}  // namespace

Principal principal_of(const Caller& caller) {
  Principal out;
  switch (caller.kind) {
    case Caller::Kind::kAnonymous: out.kind = Principal::Kind::kAnonymous; break;
    case Caller::Kind::kRoot: out.kind = Principal::Kind::kRoot; break;
    case Caller::Kind::kUser: out.kind = Principal::Kind::kUser; break;
    case Caller::Kind::kAssumedRole: out.kind = Principal::Kind::kRoleSession; break;
    case Caller::Kind::kService: out.kind = Principal::Kind::kService; break;
    case Caller::Kind::kFederatedUser: out.kind = Principal::Kind::kFederatedUser; break;
  }
  out.account = caller.account_id;
  out.arn = caller.arn;
  out.user_id = caller.user_id;
  if (caller.session) out.role_arn = caller.session->role_arn;
  return out;
}

Values RequestContext::of_principal(std::string_view key) const {
  const Caller& caller = source_.caller;
  const Principal principal = principal_of(caller);
  if (key == "aws:principaltype") return one(type_of(principal.kind));
  const bool is_anonymous = principal.kind == Principal::Kind::kAnonymous;
  if (key == "aws:userid") return is_anonymous ? one("anonymous") : one(principal.user_id);
  if (is_anonymous) return {};
  if (key == "aws:principalarn")
    return one(principal.role_arn.empty() ? principal.arn : principal.role_arn);
  if (key == "aws:principalaccount") return one(principal.account);
  if (key == "aws:username" && principal.kind == Principal::Kind::kUser)
    return one(principal.arn.substr(principal.arn.rfind('/') + 1));
  // Present in requests with temporary keys; nobody signs in with a second factor here.
  if (key == "aws:multifactorauthpresent" && caller.session != nullptr) return flag(false);
  if (key.starts_with(kPrincipalTag) && caller.session) {
    for (const auto& [name, value] : caller.session->tags) {
      if (wire::equals_ignoring_case(name, key.substr(kPrincipalTag.size()))) return {value};
    }
  }
  return {};
}

Values RequestContext::of_request(std::string_view key) const {
  const Caller& caller = source_.caller;
  if (key == "aws:sourceip") return one(caller.source_ip);
  if (key == "aws:securetransport") return flag(caller.secure);
  if (key == "aws:currenttime") return one(wire::to_iso8601(source_.now));
  if (key == "aws:epochtime") return one(fmt::format("{}", source_.now.seconds()));
  if (key == "aws:requestedregion") return one(caller.region);
  if (key == "aws:viaawsservice") return flag(caller.kind == Caller::Kind::kService);
  if (key == "aws:principalisawsservice") return flag(caller.kind == Caller::Kind::kService);
  if (key == "aws:resourceaccount") {
    // A bucket's ARN names no account: it is of the one that there is.
    const std::string_view account = account_of(resource_);
    return one(account.empty() ? std::string_view(caller.account_id) : account);
  }
  if (key == "iam:passedtoservice") return one(source_.passed_to);
  if (source_.headers != nullptr) {
    if (key == "aws:useragent") return one(source_.headers->get("user-agent"));
    if (key == "aws:referer") return one(source_.headers->get("referer"));
  }
  return {};
}

Values RequestContext::of_input(std::string_view key) const {
  if (source_.operation == nullptr) return {};
  const auto& operation = *source_.operation;
  std::string_view family;
  for (const std::string_view each : {kRequestTag, kEncryptionContext})
    if (key.starts_with(each)) family = each;
  const std::string_view declared = family.empty() ? key : family.substr(0, family.size() - 1);
  for (const auto& each : operation.condition_keys) {
    if (!wire::equals_ignoring_case(each.key, declared)) continue;
    return !family.empty() ? tag_at(operation, source_.input, each.path, key.substr(family.size()))
                           : values_at(operation, source_.input, each.path);
  }
  return {};
}

Values RequestContext::find(std::string_view key) const {
  if (source_.given != nullptr) {
    const auto found = source_.given->find(key);
    if (found != source_.given->end()) return found->second;
  }
  Values out = of_principal(key);
  if (out.empty()) out = of_request(key);
  if (out.empty()) out = of_input(key);
  if (out.empty() && policies_ != nullptr) out = policies_->values(key, resource_);
  return out;
}

}  // namespace tarn::iam
