#include "services/sts/service.h"

#include "services/sts/session.h"

namespace tarn::sts {

using Actions = AllActions<gateway::ActionList, Sts>;

const wire::ServiceModel& StsService::model() const {
  return service_model();
}
std::span<const gateway::Action> StsService::actions() const {
  return Actions::table();
}

}  // namespace tarn::sts
