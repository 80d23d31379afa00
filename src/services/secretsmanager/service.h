// SecretsManagerService: the API of AWS Secrets Manager.
//
// Place: services/secretsmanager; src/tarn makes one, after KMS. Handlers by noun, in *_actions.cc.
// Threads: control plane; its handlers run on the control strand, changes are written on the
// blocking pool.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/iam/authorizer.h"
#include "services/iam/resource_policies.h"
#include "services/kms/keys.h"
#include "services/secretsmanager/secrets.h"
#include "store/store.h"

namespace tarn::secretsmanager {

// What the handlers work on.
struct SecretsManager {
  platform::Platform platform;
  kms::Keys& keys;
  const iam::Authorizer& authorizer;
  Secrets secrets;
};

// What policies call a secret: its ARN, which a call may have named by its name or without the
// letters at its end.
class SecretNames final : public iam::ResourcePolicies {
 public:
  explicit SecretNames(const Secrets& secrets) : secrets_(secrets) {}

  [[nodiscard]] std::string canonical(std::string_view action,
                                      std::string resource_arn) const override;
  [[nodiscard]] std::shared_ptr<const iam::policy::Document> find(
      std::string_view resource_arn) const override;
  [[nodiscard]] iam::policy::Values values(std::string_view key,
                                           std::string_view resource_arn) const override;

 private:
  const Secrets& secrets_;
};

class SecretsManagerService final : public gateway::Service {
 public:
  // All of it must live on.
  SecretsManagerService(platform::Platform platform, store::Store& store, kms::Keys& keys,
                        const iam::Authorizer& authorizer)
      : room_{platform, keys, authorizer, Secrets(store)}, names_(room_.secrets) {}

  // Reads what there is. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load() { return room_.secrets.load(); }
  // For the authorizer.
  [[nodiscard]] const iam::ResourcePolicies& names() const { return names_; }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &room_; }

 private:
  SecretsManager room_;
  SecretNames names_;
};

}  // namespace tarn::secretsmanager
