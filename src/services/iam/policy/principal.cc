#include "services/iam/policy/principal.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/iam/policy/malformed.h"

namespace tarn::iam::policy {
namespace {

constexpr std::size_t kAccountDigits = 12;
constexpr std::string_view kIamPrefix = "arn:aws:iam::";
constexpr std::string_view kStsPrefix = "arn:aws:sts::";

bool is_account(std::string_view text) {
  return text.size() == kAccountDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_upper_alphanumeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

// The unique id of a user or role, as policies show one that was removed.
bool is_unique_id(std::string_view text) {
  return text.size() >= 16 && (text.starts_with("AIDA") || text.starts_with("AROA")) &&
         is_upper_alphanumeric(text);
}

Error invalid(std::string_view type, std::string_view value, std::string_view why) {
  return malformed(fmt::format("Invalid principal in policy: \"{}\":\"{}\"{}{}", type,
                               printable(value), why.empty() ? "" : ": ", why));
}

// A user, a role, or a session of either, of some account.
bool names_one(std::string_view arn) {
  const bool of_iam = arn.starts_with(kIamPrefix);
  if (!of_iam && !arn.starts_with(kStsPrefix)) return false;
  std::string_view rest = arn.substr(kIamPrefix.size());
  if (rest.size() <= kAccountDigits || rest[kAccountDigits] != ':' ||
      !is_account(rest.substr(0, kAccountDigits)))
    return false;
  rest.remove_prefix(kAccountDigits + 1);
  const auto has = [&](std::string_view kind) {
    return rest.starts_with(kind) && rest.size() > kind.size() && rest.back() != '/';
  };
  if (of_iam) return has("user/") || has("role/");
  return has("federated-user/") ||
         (has("assumed-role/") && std::count(rest.begin(), rest.end(), '/') == 2);
}

}  // namespace

Status Principals::add_everyone() {
  everyone_ = true;
  return {};
}

Status Principals::add(std::string_view type, std::string_view value) {
  if (type == "AWS") return add_aws(value);
  if (type == "Service") {
    if (value.find(".amazonaws.com") == std::string_view::npos)
      return invalid(type, value, "a service is named as lambda.amazonaws.com");
  } else if (type == "CanonicalUser") {
    if (value.size() != 64) return invalid(type, value, "a canonical user id has 64 digits");
  } else if (type != "Federated") {
    return malformed(fmt::format(
        "Invalid principal in policy: \"{}\" is none of AWS, Service, Federated and CanonicalUser.",
        printable(type)));
  }
  if (value.empty()) return invalid(type, value, "");
  names_.emplace_back(value);
  return {};
}

Status Principals::add_aws(std::string_view value) {
  if (value == "*") return add_everyone();
  if (is_account(value)) {
    accounts_.emplace_back(value);
    return {};
  }
  if (value.find_first_of("*?") != std::string_view::npos)
    return invalid("AWS", value, "a principal takes no wildcard but \"*\" alone");
  if (value.starts_with(kIamPrefix) && value.ends_with(":root") &&
      is_account(value.substr(kIamPrefix.size(), kAccountDigits)) &&
      value.size() == kIamPrefix.size() + kAccountDigits + 5) {
    accounts_.emplace_back(value.substr(kIamPrefix.size(), kAccountDigits));
    return {};
  }
  if (!names_one(value) && !is_unique_id(value)) {
    return invalid("AWS", value,
                   "it is neither an account nor the ARN of a user, a role or a session");
  }
  names_.emplace_back(value);
  return {};
}

bool Principals::names(std::string_view text) const {
  return !text.empty() && std::find(names_.begin(), names_.end(), text) != names_.end();
}

bool Principals::names_account(std::string_view account) const {
  return std::find(accounts_.begin(), accounts_.end(), account) != accounts_.end();
}

Principals::Closeness Principals::match(const Principal& principal) const {
  if (principal.kind == Principal::Kind::kAnonymous)
    return everyone_ ? Closeness::kEveryone : Closeness::kNone;
  // A role's id stands before the colon of its sessions' ids.
  const std::string_view id = principal.user_id.substr(0, principal.user_id.find(':'));
  const bool is_session = principal.kind == Principal::Kind::kRoleSession;
  if (names(principal.arn) || (principal.kind == Principal::Kind::kUser && names(id)))
    return Closeness::kSelf;
  if (is_session && (names(principal.role_arn) || names(id))) return Closeness::kRole;
  if (everyone_) return Closeness::kEveryone;
  const bool has_account = principal.kind != Principal::Kind::kService;
  return has_account && names_account(principal.account) ? Closeness::kAccount : Closeness::kNone;
}

bool Principals::excepts(const Principal& principal) const {
  if (everyone_) return true;
  switch (principal.kind) {
    case Principal::Kind::kAnonymous: return false;
    case Principal::Kind::kService: return names(principal.arn);
    case Principal::Kind::kRoot: return names_account(principal.account);
    case Principal::Kind::kRoleSession:
      return names_account(principal.account) && names(principal.role_arn) && names(principal.arn);
    default: return names_account(principal.account) && names(principal.arn);
  }
}

}  // namespace tarn::iam::policy
