#include "services/kms/grant.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/iam/session.h"
#include "services/kms/key.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::kms {
namespace {

using nlohmann::json;

constexpr std::string_view kRetire = "RetireGrant";
constexpr std::string_view kTokenBegin = "tarn-grant/";

// Whether `principal` means the caller: himself, the role whose session he has, or his account.
bool names(const std::string& principal, const Caller& caller) {
  if (principal == caller.arn) return true;
  if (caller.session && principal == caller.session->role_arn) return true;
  return caller.kind == Caller::Kind::kRoot &&
         principal == make_arn("iam", "", caller.account_id, "root");
}

// The conditions of a grant's constraints
// (https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-constraints).
json conditions_of(const Grant& grant) {
  json out = json::object();
  const auto& pairs = grant.context_equals ? grant.context_equals : grant.context_subset;
  if (!pairs) return out;
  json keys = json::array();
  for (const auto& [name, value] : *pairs) {
    out["StringEquals"]["kms:EncryptionContext:" + name] = value;
    keys.push_back(name);
  }
  if (!grant.context_equals) return out;
  if (keys.empty()) {
    out["Null"]["kms:EncryptionContextKeys"] = "true";
  } else {
    out["ForAllValues:StringEquals"]["kms:EncryptionContextKeys"] = std::move(keys);
  }
  return out;
}

json statement_of(const Grant& grant) {
  json actions = json::array();
  // Who may retire it is asked of the grant alone.
  for (const std::string& operation : grant.operations)
    if (operation != kRetire) actions.push_back("kms:" + operation);
  if (actions.empty()) return {};
  json out = {{"Effect", "Allow"},
              {"Principal", {{"AWS", grant.grantee}}},
              {"Action", std::move(actions)},
              {"Resource", "*"}};
  json conditions = conditions_of(grant);
  if (!conditions.empty()) out["Condition"] = std::move(conditions);
  return out;
}

}  // namespace

bool Grant::is_alike(const Grant& other) const {
  const auto parts = [](const Grant& grant) {
    return std::tie(grant.name, grant.grantee, grant.retiring, grant.operations,
                    grant.context_equals, grant.context_subset);
  };
  return parts(*this) == parts(other);
}

bool Grant::may_be_retired_by(const Caller& caller) const {
  if (!retiring.empty() && names(retiring, caller)) return true;
  const bool gives_it =
      std::find(operations.begin(), operations.end(), kRetire) != operations.end();
  return gives_it && names(grantee, caller);
}

std::shared_ptr<const iam::policy::Document> rules_of(const Key& key) {
  using iam::policy::Document;
  auto rules = Document::parse(key.policy, Document::Kind::kResource);
  if (!rules.ok()) return nullptr;
  if (key.grants.empty()) return std::move(rules).value();
  json policy = wire::parse_json(key.policy);
  json& statements = policy["Statement"];
  if (statements.is_object()) statements = json::array({statements});
  for (const Grant& grant : key.grants) {
    json statement = statement_of(grant);
    if (!statement.is_null()) statements.push_back(std::move(statement));
  }
  auto with_grants = Document::parse(policy.dump(-1, ' ', false, json::error_handler_t::replace),
                                     Document::Kind::kResource);
  return with_grants.ok() ? std::move(with_grants).value() : std::move(rules).value();
}

std::string token_of(const Key& key, const Grant& grant) {
  return wire::to_base64(std::string(kTokenBegin) + key.id + "/" + grant.id);
}

std::optional<GrantPlace> parse_token(std::string_view token) {
  const auto text = wire::from_base64(token);
  if (!text || !text->starts_with(kTokenBegin)) return std::nullopt;
  const std::string_view rest = std::string_view(*text).substr(kTokenBegin.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return GrantPlace{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

}  // namespace tarn::kms
