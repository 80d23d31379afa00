#include "services/secretsmanager/service.h"

#include <algorithm>

#include "services/iam/policy/document.h"
#include "services/secretsmanager/actions.h"
#include "wire/encoding.h"

namespace tarn::secretsmanager {
namespace {

constexpr std::string_view kSecret = ":secret:";

// The Region of an ARN: its fourth part.
std::string_view region_in(std::string_view arn) {
  for (int i = 0; i < 3; ++i) arn.remove_prefix(std::min(arn.find(':') + 1, arn.size()));
  return arn.substr(0, arn.find(':'));
}

}  // namespace

using Actions = AllActions<gateway::ActionList, SecretsManager>;

std::string SecretNames::canonical(std::string_view /*action*/, std::string resource_arn) const {
  const auto found = find_secret(secrets_, region_in(resource_arn), resource_arn);
  return found == nullptr ? resource_arn : found->arn;
}

std::shared_ptr<const iam::policy::Document> SecretNames::find(
    std::string_view /*resource_arn*/) const {
  return nullptr;
}

iam::policy::Values SecretNames::values(std::string_view key, std::string_view resource_arn) const {
  constexpr std::string_view kResourceTag = "aws:resourcetag/";
  if (!key.starts_with(kResourceTag) || resource_arn.find(kSecret) == std::string_view::npos)
    return {};
  const auto found = find_secret(secrets_, region_in(resource_arn), resource_arn);
  if (found == nullptr) return {};
  for (const auto& [name, value] : found->tags) {
    if (wire::equals_ignoring_case(name, key.substr(kResourceTag.size()))) return {value};
  }
  return {};
}

const wire::ServiceModel& SecretsManagerService::model() const {
  return service_model();
}

std::span<const gateway::Action> SecretsManagerService::actions() const {
  return Actions::table();
}

}  // namespace tarn::secretsmanager
