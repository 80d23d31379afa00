#include "services/servicecatalog/access.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/wildcard.h"
#include "services/iam/policy/document.h"
#include "services/iam/session.h"

namespace tarn::servicecatalog {
namespace {

// Stand for what is made by the caller's role, and by the account.
constexpr std::string_view kOfRole = "stack/role/*";
constexpr std::string_view kOfAccount = "stack/account/*";

// "arn:aws:iam::123456789012:role/x" as patterns have it: "arn:aws:iam:::role/x".
std::string without_account(const std::string& arn) {
  const std::size_t type = arn.rfind(':');
  const std::size_t account = type == std::string::npos ? type : arn.rfind(':', type - 1);
  if (account == std::string::npos) return arn;
  return arn.substr(0, account + 1) + arn.substr(type);
}

std::string root_arn(const Caller& caller) {
  return fmt::format("arn:aws:iam::{}:root", caller.account_id);
}

}  // namespace

Maker maker_of(const Caller& caller) {
  if (caller.kind == Caller::Kind::kAssumedRole && caller.session)
    return {caller.session->role_arn, caller.arn};
  if (caller.kind == Caller::Kind::kFederatedUser && caller.session &&
      !caller.session->user_arn.empty())
    return {caller.session->user_arn, caller.arn};
  return {caller.arn, caller.arn};
}

std::vector<std::string> names_of(const Caller& caller, const iam::Users& users) {
  const std::string arn = maker_of(caller).user_arn;
  std::vector<std::string> out = {caller.kind == Caller::Kind::kRoot ? root_arn(caller) : arn};
  const bool is_user = arn.find(":user/") != std::string::npos;
  const iam::Users::User user = is_user ? users.find_user(arn) : nullptr;
  if (user == nullptr) return out;
  for (const std::string& name : user->groups) {
    if (const iam::Users::Group group = users.find_group(name)) out.push_back(group->arn());
  }
  return out;
}

bool is_among(const PrincipalRecord& principal, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    if (principal.type != "IAM_PATTERN") return principal.arn == name;
    return is_like(principal.arn, without_account(name));
  });
}

Entries<PathRecord> paths_of(const Catalog& catalog, const Caller& caller, const iam::Users& users,
                             std::string_view product_id) {
  const std::vector<std::string> names = names_of(caller, users);
  const auto principals = catalog.all<PrincipalRecord>(
      caller.region, [&](const PrincipalRecord& principal) { return is_among(principal, names); });
  return catalog.all<PathRecord>(caller.region, [&](const PathRecord& path) {
    if (!product_id.empty() && path.product_id != product_id) return false;
    return std::any_of(principals.begin(), principals.end(), [&](const auto& principal) {
      return principal->portfolio_id == path.portfolio_id;
    });
  });
}

Error as_told(Error error) {
  if (!error.is("AccessDenied")) return error;
  error.code = "AccessDeniedException";
  error.http_status = 400;
  return error;
}

Status as_told(Status status) {
  return status.ok() ? Status() : Status(as_told(std::move(status).error()));
}

Level level_of(const Maker& maker, const Caller& caller) {
  const Maker own = maker_of(caller);
  if (maker.session_arn == own.session_arn) return Level::kUser;
  return maker.user_arn == own.user_arn ? Level::kRole : Level::kAccount;
}

Status check_level(const iam::Authorizer& authorizer, const Caller& caller, std::string_view action,
                   Level level) {
  if (level == Level::kUser) return {};
  const std::string resource =
      fmt::format("arn:aws:servicecatalog:{}:{}:{}", caller.region, caller.account_id,
                  level == Level::kRole ? kOfRole : kOfAccount);
  return as_told(authorizer.check(caller, action, resource));
}

std::shared_ptr<const iam::policy::Document> AccessLevels::find(
    std::string_view /*resource_arn*/) const {
  return nullptr;
}

iam::policy::Values AccessLevels::values(std::string_view key,
                                         std::string_view resource_arn) const {
  const bool of_account = resource_arn.ends_with(kOfAccount);
  const bool of_role = resource_arn.ends_with(kOfRole);
  const bool holds = key == "servicecatalog:accountlevel" ||
                     (key == "servicecatalog:rolelevel" && !of_account) ||
                     (key == "servicecatalog:userlevel" && !of_account && !of_role);
  return holds ? iam::policy::Values{"self"} : iam::policy::Values();
}

}  // namespace tarn::servicecatalog
