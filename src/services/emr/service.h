// EmrService: the API of Amazon EMR over clusters of Apache Spark.
//
// Place: services/emr; src/tarn makes one. Handlers by noun: *_actions.cc. Threads: all on the
// control strand.
#pragma once

#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "services/emr/clusters.h"
#include "services/emr/hosts.h"
#include "services/emr/instance_types.h"
#include "services/emr/launch.h"
#include "services/emr/logs.h"
#include "services/emr/notebook_executions.h"
#include "services/emr/persistent_uis.h"
#include "services/emr/security_configuration.h"
#include "services/emr/studios.h"
#include "services/iam/authorizer.h"
#include "services/iam/roles.h"
#include "store/journal.h"

namespace tarn::emr {

// Who clusters are, and who may make them so.
struct Identity {
  iam::Credentials& credentials;
  const iam::Roles& roles;
  const iam::Authorizer& authorizer;
};

class EmrService final : public gateway::Service {
 public:
  EmrService(platform::Platform platform, platform::Network& network, store::Store& store,
             const Identity& identity, s3::ObjectStore& objects, sandbox::Sandboxes& sandboxes,
             gateway::Doors& doors, EmrOptions options);

  // Reads what there is. Errors: kIo, kDiskFull, kCorrupt.
  [[nodiscard]] Task<Status> start();
  // Once the port answers: clusters are its clients.
  [[nodiscard]] Task<Status> resume();
  // Returns once no process of a cluster is left.
  [[nodiscard]] Task<void> shut_down();

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return this; }

  // For the handlers.
  [[nodiscard]] platform::Platform& platform() { return platform_; }
  [[nodiscard]] platform::Network& network() { return network_; }
  [[nodiscard]] Clusters& clusters() { return clusters_; }
  [[nodiscard]] PersistentUis& persistent_uis() { return persistent_uis_; }
  [[nodiscard]] NotebookExecutions& executions() { return executions_; }
  [[nodiscard]] Studios& studios() { return studios_; }
  [[nodiscard]] iam::Credentials& credentials() { return identity_.credentials; }
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] const sandbox::Sandboxes& sandboxes() const { return sandboxes_; }
  [[nodiscard]] const InstanceTypes& types() const { return types_; }
  [[nodiscard]] Hosts& hosts() { return hosts_; }
  [[nodiscard]] const SpotMarket& market() const { return market_; }
  [[nodiscard]] store::Journal& journal() { return journal_; }
  [[nodiscard]] Logs& logs() { return logs_; }
  // Security configurations, by their key in the store.
  using SecurityMap = std::map<std::string, SecurityConfigurationRecord>;
  [[nodiscard]] SecurityMap& security() { return security_; }
  [[nodiscard]] const SecurityMap& security() const { return security_; }
  [[nodiscard]] const EmrOptions& options() const { return options_; }

 private:
  platform::Platform platform_;
  const Identity identity_;
  sandbox::Sandboxes& sandboxes_;
  const EmrOptions options_;
  InstanceTypes types_;
  SecurityMap security_;
  const SpotMarket market_;
  Hosts hosts_;
  store::Store& store_;
  store::Journal journal_;
  WarmDrivers warm_drivers_;
  S3Logs logs_;
  platform::Network& network_;
  Clusters clusters_;
  PersistentUis persistent_uis_;
  NotebookExecutions executions_;
  Studios studios_;
};

}  // namespace tarn::emr
