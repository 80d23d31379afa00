// RootKey: the secret outside the data directory that wraps the material of all KMS keys.
//
// Place: services/kms; formats in docs/formats/kms.md. Threads: constant after open(); any thread.
//
// Whoever has the data directory without the file has ciphertext. Whoever loses the file has lost
// what is encrypted; so a missing or wrong one is an error of the start, never a reason to make
// another.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/files.h"
#include "platform/random.h"
#include "store/store.h"

namespace tarn::kms {

class RootKey {
 public:
  // Reads the key in `path`. Where there is none and nothing in `store` was wrapped yet, makes one
  // (mode 0600). Blocks. Errors: kInvalid (missing, unreadable or another than the store's, with
  // what to do), kIo, kDiskFull.
  [[nodiscard]] static Result<RootKey> open(platform::Files& files, platform::Random& random,
                                            store::Store& store, const std::string& path);

  // `secret`, sealed; `bound` must be given again to open it.
  [[nodiscard]] std::string wrap(platform::Random& random, std::string_view secret,
                                 std::string_view bound) const;
  // Error: kCorrupt.
  [[nodiscard]] Result<std::string> unwrap(std::string_view wrapped, std::string_view bound) const;

  // 32 bytes that follow from the key and `purpose`, and tell nothing about either.
  [[nodiscard]] std::string derive(std::string_view purpose) const;

 private:
  explicit RootKey(std::string secret);

  std::string secret_;    // 32 bytes
  std::string wrapping_;  // derived: the AES-256 key that wraps
};

}  // namespace tarn::kms
