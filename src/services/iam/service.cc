#include "services/iam/service.h"

#include "services/iam/actions.h"

namespace tarn::iam {
namespace {

using Actions = AllActions<gateway::ActionList, Iam>;

}  // namespace

const wire::ServiceModel& IamService::model() const {
  return service_model();
}

std::span<const gateway::Action> IamService::actions() const {
  return Actions::table();
}

}  // namespace tarn::iam
