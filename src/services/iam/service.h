// IamService: the API of IAM, as far as roles go that clusters run under.
//
// Place: services/iam; src/tarn makes one. Handlers by noun: role_actions.cc,
// role_policy_actions.cc, instance_profile_actions.cc, policy_actions.cc. Threads: all on the
// control strand; changes are written on the blocking pool.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/iam/managed_policies.h"
#include "services/iam/roles.h"

namespace tarn::iam {

// What the handlers work on.
struct Iam {
  platform::Platform& platform;
  Roles& roles;
  const ManagedPolicies& managed;
};

class IamService final : public gateway::Service {
 public:
  IamService(platform::Platform& platform, Roles& roles, const ManagedPolicies& managed)
      : iam_{platform, roles, managed} {}

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &iam_; }

 private:
  Iam iam_;
};

}  // namespace tarn::iam
