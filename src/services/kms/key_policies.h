// KeyPolicies: the policies of keys, as the authorizer asks for them.
//
// Place: services/kms, for services/iam. Threads: safe from any thread; takes no disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "services/iam/policy/document.h"
#include "services/iam/resource_policies.h"
#include "services/kms/key_ring.h"

namespace tarn::kms {

class KeyPolicies final : public iam::ResourcePolicies {
 public:
  explicit KeyPolicies(const KeyRing& ring) : ring_(ring) {}

  // ".../key/alias/NAME" and ".../alias/NAME" are the key's ARN; only what is done to an alias
  // itself is done to ".../alias/NAME"
  // (https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html).
  std::string canonical(std::string_view action, std::string resource_arn) const override;
  std::shared_ptr<const iam::policy::Document> find(std::string_view resource_arn) const override;
  // A key's policy must allow what is done with it, even by its own account
  // (https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html).
  bool decides() const override { return true; }
  // aws:ResourceTag/NAME.
  iam::policy::Values values(std::string_view key, std::string_view resource_arn) const override;

 private:
  [[nodiscard]] KeyView key_of(std::string_view resource_arn) const;

  const KeyRing& ring_;
};

}  // namespace tarn::kms
