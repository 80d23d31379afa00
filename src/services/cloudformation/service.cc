#include "services/cloudformation/service.h"

#include "services/cloudformation/template_actions.h"

namespace tarn::cloudformation {

using Actions = AllActions<gateway::ActionList, CloudFormation>;

const wire::ServiceModel& CloudFormationService::model() const {
  return service_model();
}
std::span<const gateway::Action> CloudFormationService::actions() const {
  return Actions::table();
}

}  // namespace tarn::cloudformation
