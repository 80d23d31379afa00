// ServiceCatalogService: the API of AWS Service Catalog.
//
// Place: services/servicecatalog; src/tarn makes one. Handlers by noun, in *_actions.cc. Threads:
// control plane; its handlers run on the control strand, changes are written on the blocking pool.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/cloudformation/launches.h"
#include "services/servicecatalog/access.h"
#include "services/servicecatalog/catalog.h"
#include "services/servicecatalog/provisioning.h"
#include "store/store.h"

namespace tarn::servicecatalog {

// What the handlers work on.
struct ServiceCatalog {
  platform::Platform platform;
  Identities identities;
  cloudformation::Launches& launches;
  Catalog catalog;
  Provisioning provisioning;
};

class ServiceCatalogService final : public gateway::Service {
 public:
  // All of it must live on.
  ServiceCatalogService(platform::Platform platform, store::Store& store, Identities identities,
                        cloudformation::Launches& launches)
      : room_{platform, identities, launches, Catalog(store),
              Provisioning({platform, room_.catalog, identities, launches})} {}

  // Reads what there is. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load() { return room_.catalog.load(); }
  // Once stacks have started, on the control strand: operations go on.
  [[nodiscard]] Task<Status> resume();
  // Returns when no operation takes another step.
  [[nodiscard]] Task<void> shut_down();

  // What conditions of policies may ask of provisioned products.
  [[nodiscard]] const iam::ResourcePolicies& levels() const { return levels_; }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &room_; }

 private:
  AccessLevels levels_;
  ServiceCatalog room_;
};

}  // namespace tarn::servicecatalog
