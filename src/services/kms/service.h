// KmsService: AWS Key Management Service, symmetric keys.
//
// Place: services/kms; made and started by src/tarn before the rooms that encrypt. Handlers by
// noun: key_actions.cc, alias_actions.cc, crypto_actions.cc, policy_actions.cc, tag_actions.cc,
// rotation_actions.cc. Threads: data-plane handlers on any I/O thread, control-plane ones on the
// control strand (the overlay says which is which); both change keys on the blocking pool.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "platform/platform.h"
#include "services/iam/authorizer.h"
#include "services/kms/key_policies.h"
#include "services/kms/key_ring.h"
#include "services/kms/keys.h"
#include "services/kms/room_keys.h"
#include "store/store.h"

namespace tarn::kms {

class KmsService final : public gateway::Service {
 public:
  // The root key lies in `root_key_path`, outside the data directory.
  KmsService(platform::Platform platform, store::Store& store, const iam::Authorizer& authorizer,
             std::string root_key_path);

  // Ready to serve when it ends. Errors: those of RootKey::open, kCorrupt.
  [[nodiscard]] Task<Status> start();

  // For other rooms, in process; from start() on.
  [[nodiscard]] Keys& keys() { return *keys_; }
  // For the authorizer, from start() on.
  [[nodiscard]] const iam::ResourcePolicies& policies() const { return *policies_; }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return this; }

  // For the handlers.
  [[nodiscard]] platform::Platform& platform() { return platform_; }
  [[nodiscard]] KeyRing& ring() { return *ring_; }
  [[nodiscard]] const iam::Authorizer& authorizer() const { return authorizer_; }

 private:
  platform::Platform platform_;
  store::Store& store_;
  const iam::Authorizer& authorizer_;
  const std::string root_key_path_;
  std::unique_ptr<KeyRing> ring_;
  std::unique_ptr<RoomKeys> keys_;
  std::unique_ptr<KeyPolicies> policies_;
};

}  // namespace tarn::kms
