// LambdaService: AWS Lambda: functions that run for real, each in a sandbox.
//
// Place: services/lambda; src/tarn makes one. Handlers by noun: function_actions.cc,
// version_actions.cc, alias_actions.cc, permission_actions.cc, invoke_actions.cc, tag_actions.cc,
// concurrency_actions.cc. Threads: control plane; its handlers run on the control strand.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "gateway/in_process.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "sandbox/sandboxes.h"
#include "services/iam/authorizer.h"
#include "services/iam/credentials.h"
#include "services/iam/roles.h"
#include "services/lambda/execution_environments.h"
#include "services/lambda/functions.h"
#include "services/lambda/invocations.h"
#include "services/lambda/package.h"
#include "services/s3/object_store.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::lambda {

// Who functions run as, and who may give them roles.
struct Identity {
  iam::Credentials& credentials;
  const iam::Roles& roles;
  const iam::Authorizer& authorizer;
};

// What the handlers work on.
struct Lambda {
  platform::Platform platform;
  Identity identity;
  s3::ObjectStore& objects;
  store::Journal journal;
  Packages packages;
  Functions functions;
  ExecutionEnvironments environments;
  Invocations invocations;
};

class LambdaService final : public gateway::Service {
 public:
  // All of it must live on. Logs are written through `calls`.
  LambdaService(platform::Platform platform, store::Store& store, Identity identity,
                s3::ObjectStore& objects, sandbox::Sandboxes& sandboxes,
                const gateway::InProcess& calls, Options options);

  // Reads what there is. Errors: kIo, kCorrupt.
  [[nodiscard]] Task<Status> start();
  // Once all services have started: events that wait are run.
  [[nodiscard]] Task<Status> resume();
  // Ends every environment; calls under way end with it.
  [[nodiscard]] Task<void> shut_down();

  // For the authorizer.
  [[nodiscard]] const iam::ResourcePolicies& policies() const { return room_.functions; }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &room_; }

 private:
  Lambda room_;
};

}  // namespace tarn::lambda
