#include "services/glue/service.h"

#include "services/glue/actions.h"

namespace tarn::glue {
namespace {

using Actions = AllActions<gateway::ActionList, GlueService>;

}  // namespace

GlueService::GlueService(platform::Platform platform, store::Store& store)
    : platform_(platform), metastore_(store, platform.clock) {}

Task<Status> GlueService::start() {
  co_return Status();
}

Task<void> GlueService::stop() {
  co_return;
}

const wire::ServiceModel& GlueService::model() const {
  return service_model();
}

std::span<const gateway::Action> GlueService::actions() const {
  return Actions::table();
}

}  // namespace tarn::glue
