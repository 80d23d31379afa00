// Envelope: a text encrypted under a data key of its own, for rooms that keep few and small
// secrets.
//
// Place: services/kms; AES-256-GCM under the data key, which a KMS key wraps (keys.h). Threads:
// any; seal() may wait for the disk as Keys::generate_data_key() does.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "platform/random.h"
#include "services/kms/keys.h"
#include "wire/json_value.h"

namespace tarn::kms {

// As rooms keep it: texts in base64.
struct Envelope {
  std::string key_arn;   // of the KMS key
  std::string data_key;  // as it was wrapped
  std::string sealed;    // a nonce of 12 bytes, the ciphertext, a tag of 16 bytes
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Envelope, key_arn, data_key, sealed)

// Errors: those of Keys::generate_data_key().
[[nodiscard]] Task<Result<Envelope>> seal(Keys& keys, platform::Random& random, Caller caller,
                                          std::string key, EncryptionContext context,
                                          std::string text);

// `context` is that of seal(). Errors: those of Keys::decrypt(); kCorrupt.
[[nodiscard]] Result<std::string> open(Keys& keys, const Caller& caller, const Envelope& envelope,
                                       const EncryptionContext& context);

}  // namespace tarn::kms
