#include "services/cloudformation/service.h"

#include "services/cloudformation/change_set_actions.h"
#include "services/cloudformation/drift_actions.h"
#include "services/cloudformation/policy_actions.h"
#include "services/cloudformation/signal_actions.h"
#include "services/cloudformation/stack_actions.h"
#include "services/cloudformation/template_actions.h"

namespace tarn::cloudformation {

using Actions = AllActions<gateway::ActionList, CloudFormation>;

Task<Status> CloudFormationService::start() {
  const auto load = [this]() -> Status {
    TARN_CHECK(room_.macros.load());
    TARN_CHECK(room_.stacks.load());
    TARN_CHECK(room_.signals.load());
    return room_.change_sets.load();
  };
  co_return co_await platform_.tasks.offload(load);
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
