// STS: who am I, temporary keys, and the keys of roles.
//
// Place: services/sts. Threads: control plane; its handlers run on the control strand.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/tasks.h"
#include "services/iam/credentials.h"
#include "services/iam/managed_policies.h"
#include "services/iam/roles.h"

namespace tarn::sts {

// What the handlers work on.
struct Sts {
  iam::Credentials& credentials;
  const iam::Roles& roles;
  const iam::ManagedPolicies& managed;
  platform::Tasks& tasks;
};

class StsService final : public gateway::Service {
 public:
  explicit StsService(const Sts& sts) : sts_(sts) {}

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &sts_; }

 private:
  Sts sts_;
};

}  // namespace tarn::sts
