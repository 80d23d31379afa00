#include "services/cloudformation/service.h"

#include "services/cloudformation/stack_actions.h"
#include "services/cloudformation/template_actions.h"

namespace tarn::cloudformation {

using Actions = AllActions<gateway::ActionList, CloudFormation>;

Task<Status> CloudFormationService::start() {
  co_return co_await platform_.tasks.offload([this] { return room_.stacks.load(); });
}

Task<Status> CloudFormationService::resume() {
  room_.stacks.resume();
  co_return Status();
}

Task<void> CloudFormationService::shut_down() {
  co_await room_.stacks.shut_down();
}

const wire::ServiceModel& CloudFormationService::model() const {
  return service_model();
}
std::span<const gateway::Action> CloudFormationService::actions() const {
  return Actions::table();
}

}  // namespace tarn::cloudformation
