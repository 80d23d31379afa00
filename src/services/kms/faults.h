// Errors that KMS words in its own way and that several actions answer.
//
// Place: services/kms. Threads: pure functions.
// Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html and the error tables
// of https://docs.aws.amazon.com/kms/latest/APIReference/.
#pragma once

#include <string>

#include "base/result.h"
#include "services/kms/key.h"

namespace tarn::kms {

[[nodiscard]] inline Error key_not_found(const std::string& arn) {
  return {"NotFoundException", "Key '" + arn + "' does not exist"};
}

[[nodiscard]] inline Error alias_not_found(const std::string& arn) {
  return {"NotFoundException", "Alias " + arn + " is not found."};
}

[[nodiscard]] inline Error invalid_ciphertext() {
  return {"InvalidCiphertextException",
          "The ciphertext is damaged, was not made by a KMS key of this account and Region, or its "
          "encryption context is another."};
}

[[nodiscard]] inline Error invalid_state(const Key& key, const std::string& what) {
  return {"KMSInvalidStateException", key.arn() + " " + what};
}

// What the account may not do with keys that AWS manages.
[[nodiscard]] inline Error managed_by_aws(const Key& key) {
  return {"AccessDeniedException",
          "You are not authorized to perform this operation: " + key.arn() +
              " is an AWS managed key. Create a key of your own for it."};
}

// May the key encrypt and decrypt? Errors: DisabledException, KMSInvalidStateException.
[[nodiscard]] inline Status usable(const Key& key) {
  switch (key.state) {
    case KeyState::kEnabled: return {};
    case KeyState::kDisabled: return Error("DisabledException", key.arn() + " is disabled.");
    case KeyState::kPendingDeletion: break;
  }
  return invalid_state(key, "is pending deletion.");
}

// May the key be changed? Error: KMSInvalidStateException.
[[nodiscard]] inline Status changeable(const Key& key) {
  if (key.state != KeyState::kPendingDeletion) return {};
  return invalid_state(key, "is pending deletion.");
}

}  // namespace tarn::kms
