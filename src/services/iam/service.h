// IamService: the API of IAM: users, groups, roles, instance profiles and policies.
//
// Place: services/iam; src/tarn makes one. Handlers by noun, in *_actions.cc. Threads: all on the
// control strand; changes are written on the blocking pool.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/iam/access_keys.h"
#include "services/iam/login_profiles.h"
#include "services/iam/managed_policies.h"
#include "services/iam/roles.h"
#include "services/iam/users.h"

namespace tarn::iam {

// What the handlers work on.
struct Iam {
  platform::Platform& platform;
  Roles& roles;
  Users& users;
  AccessKeys& access_keys;
  ManagedPolicies& managed;
  LoginProfiles& logins;
};

class IamService final : public gateway::Service {
 public:
  explicit IamService(const Iam& iam) : iam_(iam) {}

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &iam_; }

 private:
  Iam iam_;
};

}  // namespace tarn::iam
