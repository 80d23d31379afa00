// Ciphertext: what Encrypt and GenerateDataKey give, and Decrypt takes.
//
// Place: services/kms; format in docs/formats/kms.md. Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/random.h"
#include "services/kms/key.h"
#include "services/kms/keys.h"

namespace tarn::kms {

// What a ciphertext says of itself.
struct CiphertextName {
  std::string key_id;
  std::uint32_t material = 0;  // from 1
};

// 16 bytes as a UUID is written.
[[nodiscard]] std::string uuid_text(std::string_view bytes);

// Under the newest material of `key`.
[[nodiscard]] std::string encrypt(platform::Random& random, const Key& key,
                                  std::string_view plaintext, const EncryptionContext& context);

// nullopt: no ciphertext of ours.
[[nodiscard]] std::optional<CiphertextName> read_name(std::string_view ciphertext);

// `key` is the one that it names. Error: InvalidCiphertextException.
[[nodiscard]] Result<std::string> decrypt(const Key& key, std::string_view ciphertext,
                                          const EncryptionContext& context);

}  // namespace tarn::kms
