#include "services/emr/service.h"

#include <utility>

#include "services/emr/actions.h"

namespace tarn::emr {
namespace {

using Actions = AllActions<gateway::ActionList, EmrService>;

}  // namespace

EmrService::EmrService(platform::Platform platform, platform::Network& network, store::Store& store,
                       iam::Credentials& credentials, s3::ObjectStore& objects,
                       sandbox::Sandboxes& sandboxes, EmrOptions options)
    : platform_(platform),
      credentials_(credentials),
      sandboxes_(sandboxes),
      options_(std::move(options)),
      market_(options_.spot),
      journal_(platform_, store),
      logs_(objects),
      clusters_(Surroundings{platform, network, journal_, credentials, sandboxes, logs_, options_,
                             types_, market_},
                store) {}

Task<Status> EmrService::start() {
  const auto read = [this]() -> Status {
    TARN_TRY(types_, InstanceTypes::read(platform_.files, options_.instance_types_path));
    return clusters_.load();
  };
  co_return co_await platform_.tasks.offload(read);
}

Task<Status> EmrService::resume() {
  clusters_.start();
  co_return Status();
}

Task<void> EmrService::shut_down() {
  return clusters_.shut_down();
}

const wire::ServiceModel& EmrService::model() const {
  return service_model();
}

std::span<const gateway::Action> EmrService::actions() const {
  return Actions::table();
}

}  // namespace tarn::emr
