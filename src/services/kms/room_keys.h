// RoomKeys: what other rooms ask of KMS, on behalf of who called them.
//
// Place: services/kms; the port keys.h over the key ring. Threads: safe from any thread.
//
// A caller needs the permission on a customer's key as by the API (kms:GenerateDataKey,
// kms:Decrypt); AWS managed keys serve whoever may use their service, AWS owned keys everybody. The
// server itself (Caller::Kind::kService) may use every key.
#pragma once

#include <string>
#include <string_view>

#include "platform/random.h"
#include "services/iam/authorizer.h"
#include "services/kms/key_ring.h"
#include "services/kms/keys.h"

namespace tarn::kms {

class RoomKeys final : public Keys {
 public:
  RoomKeys(KeyRing& ring, const iam::Authorizer& authorizer, platform::Random& random)
      : ring_(ring), authorizer_(authorizer), random_(random) {}

  // Errors of all also: AccessDenied, but of resolve(), which only names.
  Result<std::string> resolve(const Caller& caller, std::string_view key) override;
  Task<Result<DataKey>> generate_data_key(Caller caller, std::string key,
                                          EncryptionContext context) override;
  Result<std::string> decrypt(const Caller& caller, std::string_view ciphertext,
                              const EncryptionContext& context) override;

 private:
  [[nodiscard]] Status permit(const Caller& caller, std::string_view action, const Key& key,
                              const EncryptionContext& context) const;

  KeyRing& ring_;
  const iam::Authorizer& authorizer_;
  platform::Random& random_;
};

}  // namespace tarn::kms
