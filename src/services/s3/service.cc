#include "services/s3/service.h"

#include "services/s3/access.h"
#include "services/s3/bucket_policy.h"
#include "services/s3/bucket_settings.h"
#include "services/s3/buckets.h"
#include "services/s3/lists.h"
#include "services/s3/multipart.h"
#include "services/s3/objects.h"
#include "services/s3/tagging.h"
#include "services/s3/versioning.h"

namespace tarn::s3 {

using Actions = AllActions<gateway::ActionList, S3>;  // all that the overlay names

S3Service::S3Service(platform::Platform platform, store::Store& store, const S3Options& options,
                     kms::Keys& keys)
    : platform_(platform),
      encryption_(keys),
      store_(platform, store, options.data_directory + "/s3", encryption_),
      settings_(store, store_.ledger()),
      cors_(settings_),
      policies_(settings_, store_),
      expiry_({platform, store, store_.ledger(), store_, store_.uploads(), settings_}),
      s3_{platform,  store_, store_.uploads(), tarn_public_objects(options.connector_path),
          settings_, expiry_} {
  encryption_.set_default(
      [this](std::string_view bucket) { return settings_.find(bucket)->encryption; });
}

Task<Status> S3Service::start() {
  co_await platform::resume_on(platform_.tasks.control());
  TARN_CO_CHECK(co_await store_.start());
  const auto load = [this] {
    return settings_.load();
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(load));
  expiry_.start();
  co_return Status();
}

Task<void> S3Service::stop() {
  co_await platform::resume_on(platform_.tasks.control());
  co_await expiry_.stop();
  co_await store_.stop();
}

const wire::ServiceModel& S3Service::model() const {
  return service_model();
}

std::span<const gateway::Action> S3Service::actions() const {
  return Actions::table();
}

}  // namespace tarn::s3
