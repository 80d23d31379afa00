#include "services/servicecatalog/service.h"

#include "services/servicecatalog/actions.h"

namespace tarn::servicecatalog {

using Actions = AllActions<gateway::ActionList, ServiceCatalog>;

Task<Status> ServiceCatalogService::resume() {
  room_.provisioning.resume();
  co_return Status();
}

Task<void> ServiceCatalogService::shut_down() {
  co_await room_.provisioning.shut_down();
}

const wire::ServiceModel& ServiceCatalogService::model() const {
  return service_model();
}

std::span<const gateway::Action> ServiceCatalogService::actions() const {
  return Actions::table();
}

}  // namespace tarn::servicecatalog
