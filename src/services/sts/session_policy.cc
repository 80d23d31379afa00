#include "services/sts/session_policy.h"

#include <fmt/format.h>

#include "wire/json_value.h"

namespace tarn::sts {
namespace {

using iam::policy::Document;
using nlohmann::json;

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
constexpr std::size_t kMostManaged = 10;

// Their names need be unique in one document only.
void add_statements(const std::string& text, json& into) {
  const json policy = wire::parse_json(text);
  if (!policy.is_object()) return;
  json statements = policy.value("Statement", json::array());
  if (statements.is_object()) statements = json::array({statements});
  for (json& statement : statements) {
    statement.erase("Sid");
    into.push_back(std::move(statement));
  }
}

}  // namespace

Result<std::shared_ptr<const Document>> session_policy(
    const iam::ManagedPolicies& managed, const std::optional<std::string>& policy,
    const std::optional<std::vector<PolicyDescriptorType>>& arns) {
  std::vector<std::shared_ptr<const Document>> parts;
  if (policy) {
    TARN_TRY(auto own, Document::parse(*policy, Document::Kind::kIdentity));
    parts.push_back(std::move(own));
  }
  if (arns && arns->size() > kMostManaged) {
    return Error("ValidationError",
                 fmt::format("PolicyArns may name at most {} managed policies.", kMostManaged),
                 400);
  }
  for (const auto& each : arns.value_or(std::vector<PolicyDescriptorType>())) {
    const std::string arn = each.arn.value_or("");
    const auto found = managed.find(arn);
    if (!found) {
      return Error("MalformedPolicyDocument",
                   fmt::format("The policy {} of PolicyArns does not exist.", arn), 400);
    }
    parts.push_back(found->document);
  }
  if (parts.empty()) return std::shared_ptr<const Document>();
  if (parts.size() == 1) return parts.front();
  json statements = json::array();
  for (const auto& part : parts) add_statements(part->text(), statements);
  const json together = {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
  return Document::parse(together.dump(-1, ' ', false, json::error_handler_t::replace),
                         Document::Kind::kIdentity);
}

}  // namespace tarn::sts
