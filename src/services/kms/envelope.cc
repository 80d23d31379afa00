#include "services/kms/envelope.h"

#include "wire/aes_gcm.h"
#include "wire/encoding.h"

namespace tarn::kms {

Task<Result<Envelope>> seal(Keys& keys, platform::Random& random, Caller caller, std::string key,
                            EncryptionContext context, std::string text) {
  TARN_CO_TRY(const DataKey made, co_await keys.generate_data_key(std::move(caller), std::move(key),
                                                                  std::move(context)));
  const std::string nonce = random.bytes(wire::kGcmNonceBytes);
  std::string tag;
  wire::AesGcm(made.plaintext).seal(nonce, made.key_arn, text, tag);
  co_return Envelope{made.key_arn, wire::to_base64(made.ciphertext),
                     wire::to_base64(nonce + text + tag)};
}

Result<std::string> open(Keys& keys, const Caller& caller, const Envelope& envelope,
                         const EncryptionContext& context) {
  const Error damaged(code::kCorrupt, "a stored secret does not open");
  const auto wrapped = wire::from_base64(envelope.data_key);
  const auto sealed = wire::from_base64(envelope.sealed);
  constexpr std::size_t kBeside = wire::kGcmNonceBytes + wire::kGcmTagBytes;
  if (!wrapped || !sealed || sealed->size() < kBeside) return damaged;
  TARN_TRY(const std::string key, keys.decrypt(caller, *wrapped, context));
  const std::string nonce = sealed->substr(0, wire::kGcmNonceBytes);
  const std::string tag = sealed->substr(sealed->size() - wire::kGcmTagBytes);
  std::string text = sealed->substr(wire::kGcmNonceBytes, sealed->size() - kBeside);
  if (!wire::AesGcm(key).open(nonce, envelope.key_arn, text, tag)) return damaged;
  return text;
}

}  // namespace tarn::kms
