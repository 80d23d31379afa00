// StreamKeys: the data keys of an encrypted stream, opened for one caller by the KMS key that wraps
// them.
//
// Place: kinesis, between the handlers and services/kms. Threads: made for one read or write, on
// any thread.
//
// Nothing is kept: a KMS key that is disabled, or goes, closes the stream at the next request.
#pragma once

#include <memory>
#include <string>

#include "gateway/service.h"
#include "services/kinesis/batch_cipher.h"
#include "services/kinesis/stream.h"
#include "services/kms/keys.h"

namespace tarn::kinesis {

// What binds a data key to its stream.
[[nodiscard]] kms::EncryptionContext encryption_context(const StreamState& state);

// An error of kms::Keys in the words of Kinesis: KMSNotFoundException, KMSDisabledException,
// KMSInvalidStateException, KMSAccessDeniedException, InvalidArgumentException
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html).
[[nodiscard]] Error kms_error(Error error);

class StreamKeys final : public BatchCiphers {
 public:
  // `keys` may be null where no stream is encrypted; the rest outlives this.
  StreamKeys(kms::Keys* keys, const Caller& caller, const StreamState& state, ShardOrigin origin,
             platform::Random& random)
      : keys_(keys), caller_(caller), state_(state), origin_(origin), random_(random) {}

  [[nodiscard]] Result<std::shared_ptr<const BatchCipher>> find(
      std::uint32_t number) const override;
  // For batches to come; null where the stream is not encrypted. Errors: find()'s.
  [[nodiscard]] Result<std::shared_ptr<const BatchCipher>> current() const;

 private:
  kms::Keys* const keys_;
  const Caller& caller_;
  const StreamState& state_;
  const ShardOrigin origin_;
  platform::Random& random_;
  // Of the last find(), as most reads see one key.
  mutable std::uint32_t last_number_ = 0;
  mutable std::shared_ptr<const BatchCipher> last_;
};

}  // namespace tarn::kinesis
