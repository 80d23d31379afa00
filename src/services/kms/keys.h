// Keys: what other rooms ask of KMS, data keys under a key of the account.
//
// Place: services/kms; the narrow port by which streams and objects are encrypted. Ciphertexts are
// those of the KMS API, so that what a room keeps can be opened by kms:Decrypt too. Threads: safe
// from any thread. decrypt() and resolve() take no disk; generate_data_key() may wait for it, the
// first time that an AWS key is used or when a key's rotation falls due.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"

namespace tarn::kms {

// Bound to a ciphertext as additional authenticated data: the same pairs must be given to open it.
// https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
using EncryptionContext = std::map<std::string, std::string>;

struct DataKey {
  std::string key_arn;     // of the KMS key that wraps it
  std::string plaintext;   // 32 bytes, for AES-256
  std::string ciphertext;  // the wrapped key, at most 6,144 bytes
};

class Keys {
 public:
  virtual ~Keys() = default;

  // The ARN of the key that `key` names: a key id, a key ARN, "alias/NAME" or an alias ARN (of the
  // ARN's Region, else the caller's). "alias/aws/SERVICE" names the AWS managed key of a service,
  // whether it has been used yet or not; "aws-owned/SERVICE" its AWS owned key, which the account
  // neither sees nor changes. Errors: NotFoundException, InvalidArnException, DisabledException,
  // KMSInvalidStateException (pending deletion).
  [[nodiscard]] virtual Result<std::string> resolve(const Caller& caller, std::string_view key) = 0;

  // A new data key. Errors: those of resolve(); kIo, kDiskFull.
  [[nodiscard]] virtual Task<Result<DataKey>> generate_data_key(Caller caller, std::string key,
                                                                EncryptionContext context) = 0;

  // The plaintext of a data key. Errors: InvalidCiphertextException (damaged, or another context),
  // and those of resolve().
  [[nodiscard]] virtual Result<std::string> decrypt(const Caller& caller,
                                                    std::string_view ciphertext,
                                                    const EncryptionContext& context) = 0;
};

}  // namespace tarn::kms
