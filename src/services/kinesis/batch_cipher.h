// BatchCipher: seals the batches of one shard under one data key of its stream.
//
// Place: kinesis, on-disk formats; described in docs/formats/kinesis-log.md. Threads: safe from any
// thread.
//
// AES-256-GCM. The key is the data key bound to the shard (HMAC-SHA-256), the nonce is the counter
// of the batch's first record and four random bytes, since a commit that failed may have left a
// batch of the same counter on the disk. What the header says of the records is authenticated.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/random.h"
#include "services/kinesis/batch.h"
#include "services/kinesis/sequence.h"

namespace tarn::kinesis {

namespace batch_flag {
inline constexpr std::uint32_t kSealed = 1;
inline constexpr std::uint32_t kKnown = 0xFFFFFF01;  // the number of the data key from bit 8 on
}  // namespace batch_flag

class BatchCipher {
 public:
  static constexpr std::size_t kOverhead = 12 + 16;  // nonce and tag

  // `data_key` has 32 bytes; `number` names it in the stream.
  BatchCipher(std::uint32_t number, std::string_view data_key, const ShardOrigin& origin,
              platform::Random& random);

  // The flags of a batch that it sealed.
  [[nodiscard]] std::uint32_t flags() const { return batch_flag::kSealed | number_ << 8; }
  // The payload that is written in place of `parts`, one after another, the records of `header`.
  [[nodiscard]] std::string seal(const BatchHeader& header,
                                 std::span<const std::string_view> parts) const;
  // The records. Error: kCorrupt (not what was sealed, or by another key).
  [[nodiscard]] Result<std::string> open(const BatchHeader& header, std::string_view sealed) const;

 private:
  const std::uint32_t number_;
  const std::string key_;
  platform::Random& random_;
};

// The ciphers that a reader may need.
class BatchCiphers {
 public:
  virtual ~BatchCiphers() = default;
  // That of the stream's data key `number`. Errors: KMS…Exception (the key may not or cannot be
  // used), kCorrupt (the stream never had such a key).
  [[nodiscard]] virtual Result<std::shared_ptr<const BatchCipher>> find(
      std::uint32_t number) const = 0;
};

}  // namespace tarn::kinesis
