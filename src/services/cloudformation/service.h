// CloudFormationService: the API of AWS CloudFormation.
//
// Place: services/cloudformation; src/tarn makes one. Handlers by noun: template_actions.cc,
// stack_actions.cc, update_actions.cc, change_set_actions.cc, policy_actions.cc, drift_actions.cc,
// signal_actions.cc. Threads: control plane; its handlers
// run on the control strand.
#pragma once

#include <span>
#include <string>

#include "gateway/in_process.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/cloudformation/change_sets.h"
#include "services/cloudformation/custom_resource.h"
#include "services/cloudformation/drift.h"
#include "services/cloudformation/launches.h"
#include "services/cloudformation/macros.h"
#include "services/cloudformation/nested_stack.h"
#include "services/cloudformation/resource_type.h"
#include "services/cloudformation/signals.h"
#include "services/cloudformation/stacks.h"
#include "services/cloudformation/template_source.h"
#include "services/cloudformation/wait_condition.h"
#include "store/journal.h"
#include "store/store.h"

namespace tarn::cloudformation {

// What the handlers work on.
struct CloudFormation {
  TemplateSource source;
  Macros macros;
  Stacks stacks;
  ChangeSets change_sets;
  DriftDetection drift;
  Signals signals;
};

class CloudFormationService final : public gateway::Service {
 public:
  // All of it must live on. Functions (macros, custom resources) are called through `calls`.
  // `endpoint_host` is the server's own ("127.0.0.1:4566"): a TemplateURL may name it, and custom
  // resources and wait conditions are answered there.
  CloudFormationService(platform::Platform platform, store::Store& store, Identities identities,
                        s3::ObjectStore& objects, const gateway::InProcess& calls,
                        const ParameterSource& parameters, std::string endpoint_host)
      : platform_(platform),
        journal_(platform_, store),
        answers_(platform_, endpoint_host),
        room_{TemplateSource(objects, identities.authorizer, endpoint_host),
              Macros(platform_, store, journal_, calls,
                     [this](Caller caller, std::string url) {
                       return room_.source.read(std::move(caller), std::nullopt, std::move(url));
                     }),
              Stacks({platform_, store, journal_, identities, types_, room_.macros, parameters,
                      calls}),
              ChangeSets(room_.stacks, platform_, store, journal_),
              DriftDetection(types_, platform_, journal_),
              Signals(platform_, store, journal_, std::move(endpoint_host))},
        launches_(room_.stacks, room_.source, identities.authorizer) {
    types_.add(macro_type(room_.macros));
    types_.add(wait_condition_type(room_.signals, platform_.clock));
    types_.add(wait_condition_handle_type(room_.signals));
    types_.add(custom_resource_type(calls, answers_, platform_));
    types_.add(
        nested_stack_type(room_.stacks, room_.source, identities.authorizer, platform_.clock));
  }

  // Where custom resources answer.
  [[nodiscard]] gateway::WebRoom& answers() { return answers_; }
  // Where wait conditions are signalled.
  [[nodiscard]] gateway::WebRoom& signals() { return room_.signals; }

  // Before start().
  void add(std::unique_ptr<ResourceType> type) { types_.add(std::move(type)); }

  // Reads what there is. Errors: kIo, kCorrupt.
  [[nodiscard]] Task<Status> start();
  // Once all services have started: operations go on.
  [[nodiscard]] Task<Status> resume();
  // Returns when no operation takes another step.
  [[nodiscard]] Task<void> shut_down();

  // For services that make stacks for people.
  [[nodiscard]] Launches& launches() { return launches_; }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &room_; }

 private:
  platform::Platform platform_;
  store::Journal journal_;
  ResourceTypes types_;
  CustomAnswers answers_;
  CloudFormation room_;
  Launches launches_;
};

}  // namespace tarn::cloudformation
