#include "services/emr/service.h"

#include <utility>

#include "services/emr/actions.h"

namespace tarn::emr {
namespace {

using Actions = AllActions<gateway::ActionList, EmrService>;

}  // namespace

EmrService::EmrService(platform::Platform platform, platform::Network& network, store::Store& store,
                       const Identity& identity, s3::ObjectStore& objects,
                       sandbox::Sandboxes& sandboxes, gateway::Doors& doors, EmrOptions options)
    : platform_(platform),
      identity_(identity),
      sandboxes_(sandboxes),
      options_(std::move(options)),
      market_(options_.spot),
      hosts_(platform_.clock),
      store_(store),
      journal_(platform_, store),
      warm_drivers_{options_.warm_drivers},
      logs_(objects),
      network_(network),
      clusters_(
          Surroundings{platform, network, journal_, identity.credentials, identity.roles, sandboxes,
                       logs_, doors, warm_drivers_, options_, types_, market_, hosts_},
          store),
      persistent_uis_(platform, network, journal_, sandboxes, options_),
      executions_(platform, journal_),
      studios_(journal_) {}

Task<Status> EmrService::start() {
  const auto read = [this]() -> Status {
    TARN_TRY(types_, InstanceTypes::read(platform_.files, options_.instance_types_path));
    TARN_TRY(const auto kept, store_.scan(store::Space::kEmr, kSecurityPrefix));
    for (const auto& [key, record] : kept) {
      TARN_TRY(security_[key], decode_security(record));
    }
    TARN_CHECK(clusters_.load());
    TARN_CHECK(persistent_uis_.load(store_, clusters_));
    TARN_CHECK(executions_.load(store_));
    return studios_.load(store_);
  };
  co_return co_await platform_.tasks.offload(read);
}

Task<Status> EmrService::resume() {
  clusters_.start();
  co_return Status();
}

Task<void> EmrService::shut_down() {
  co_await clusters_.shut_down();
  co_await executions_.shut_down();
  co_await persistent_uis_.shut_down();
}

const wire::ServiceModel& EmrService::model() const {
  return service_model();
}

std::span<const gateway::Action> EmrService::actions() const {
  return Actions::table();
}

}  // namespace tarn::emr
