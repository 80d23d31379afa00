#include "services/ssm/service.h"

#include <algorithm>

#include "services/iam/policy/document.h"
#include "services/ssm/actions.h"

namespace tarn::ssm {

using Actions = AllActions<gateway::ActionList, Ssm>;

std::string ParameterNames::canonical(std::string_view /*action*/, std::string resource_arn) const {
  constexpr std::string_view kType = ":parameter/";
  const std::size_t type = resource_arn.rfind(kType);
  if (type == std::string::npos) return resource_arn;
  std::string path = resource_arn.substr(type + kType.size());
  if (path.starts_with('/')) path.erase(0, 1);
  path.resize(std::min(path.find(':'), path.size()));
  return resource_arn.substr(0, type + kType.size()) + path;
}

std::shared_ptr<const iam::policy::Document> ParameterNames::find(
    std::string_view /*resource_arn*/) const {
  return nullptr;
}

const wire::ServiceModel& SsmService::model() const {
  return service_model();
}

std::span<const gateway::Action> SsmService::actions() const {
  return Actions::table();
}

}  // namespace tarn::ssm
