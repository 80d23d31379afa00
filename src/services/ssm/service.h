// SsmService: the Parameter Store of AWS Systems Manager.
//
// Place: services/ssm; src/tarn makes one, after KMS. Handlers by noun, in *_actions.cc. Threads:
// control plane; its handlers run on the control strand, changes are written on the blocking pool.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/iam/authorizer.h"
#include "services/iam/resource_policies.h"
#include "services/kms/keys.h"
#include "services/ssm/parameters.h"
#include "store/store.h"

namespace tarn::ssm {

// What the handlers work on.
struct Ssm {
  platform::Platform platform;
  kms::Keys& keys;
  const iam::Authorizer& authorizer;
  Parameters parameters;
};

// What policies call a parameter: arn:aws:ssm:REGION:ACCOUNT:parameter/PATH, whatever slashes and
// selectors (":3") a call names it with.
class ParameterNames final : public iam::ResourcePolicies {
 public:
  [[nodiscard]] std::string canonical(std::string_view action,
                                      std::string resource_arn) const override;
  [[nodiscard]] std::shared_ptr<const iam::policy::Document> find(
      std::string_view resource_arn) const override;
};

class SsmService final : public gateway::Service {
 public:
  // All of it must live on.
  SsmService(platform::Platform platform, store::Store& store, kms::Keys& keys,
             const iam::Authorizer& authorizer)
      : ssm_{platform, keys, authorizer, Parameters(store)} {}

  // Reads what there is. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load() { return ssm_.parameters.load(); }
  // For who asks for values without a caller: parameters of stacks.
  [[nodiscard]] const Parameters& parameters() const { return ssm_.parameters; }
  // For the authorizer.
  [[nodiscard]] const iam::ResourcePolicies& names() const { return names_; }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &ssm_; }

 private:
  ParameterNames names_;
  Ssm ssm_;
};

}  // namespace tarn::ssm
