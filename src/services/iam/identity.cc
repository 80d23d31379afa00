#include "services/iam/identity.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "services/iam/policy/document.h"
#include "wire/encoding.h"
#include "wire/stored_json.h"

namespace tarn::iam {
namespace {

using nlohmann::json;
using policy::Document;

// First byte of every value: the version of docs/formats/iam.md. JSON follows.
constexpr char kPlainVersion = '1';
constexpr char kBoundedVersion = '2';

}  // namespace

bool IdentityRecord::refers_to(std::string_view policy_arn) const {
  return boundary == policy_arn ||
         std::find(attached.begin(), attached.end(), policy_arn) != attached.end();
}

Status compile(IdentityRecord& identity, const ManagedPolicies& managed) {
  identity.policies.clear();
  for (const auto& [name, text] : identity.inline_policies) {
    TARN_TRY(auto document, Document::parse(text, Document::Kind::kIdentity));
    identity.policies.push_back(std::move(document));
  }
  for (const std::string& arn : identity.attached) {
    if (const auto policy = managed.find(arn)) identity.policies.push_back(policy->document);
  }
  identity.boundary_policy = nullptr;
  if (identity.boundary.empty()) return {};
  const auto boundary = managed.find(identity.boundary);
  identity.boundary_policy = boundary ? boundary->document : Document::nothing();
  return {};
}

std::size_t size_without_space(std::string_view policy) {
  return static_cast<std::size_t>(std::count_if(
      policy.begin(), policy.end(), [](unsigned char c) { return std::isspace(c) == 0; }));
}

std::size_t inline_size(const IdentityRecord& identity) {
  std::size_t out = 0;
  for (const auto& [name, text] : identity.inline_policies) out += size_without_space(text);
  return out;
}

std::string key_of(std::string_view name_or_arn) {
  const std::size_t slash = name_or_arn.rfind('/');
  return wire::to_lower(slash == std::string_view::npos ? name_or_arn
                                                        : name_or_arn.substr(slash + 1));
}

json members_of(const IdentityRecord& identity) {
  json out = {{"account", identity.account},
              {"name", identity.name},
              {"path", identity.path},
              {"id", identity.id},
              {"created", identity.created.ms},
              {"tags", identity.tags},
              {"inline", identity.inline_policies},
              {"attached", identity.attached}};
  if (!identity.boundary.empty()) out["boundary"] = identity.boundary;
  return out;
}

void read_members(const json& members, IdentityRecord& into) {
  into.account = members.value("account", "");
  into.name = members.value("name", "");
  into.path = members.value("path", "/");
  into.id = members.value("id", "");
  into.created.ms = members.value("created", std::int64_t{0});
  into.tags = members.value("tags", std::map<std::string, std::string>());
  into.inline_policies = members.value("inline", std::map<std::string, std::string>());
  into.attached = members.value("attached", std::vector<std::string>());
  into.boundary = members.value("boundary", "");
}

std::string to_record(const json& members, bool bounded) {
  return wire::to_record(bounded ? kBoundedVersion : kPlainVersion, members);
}

Result<json> members_from(std::string_view record, std::string_view what) {
  const char version = record.starts_with(kBoundedVersion) ? kBoundedVersion : kPlainVersion;
  return wire::from_record(version, record, "an IAM " + std::string(what));
}

}  // namespace tarn::iam
