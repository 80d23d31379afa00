// AES-256-GCM, by which KMS wraps keys and rooms seal what they keep.
//
// Place: wire, beside the digests. Threads: an AesGcm is for one thread at a time.
// Source: https://csrc.nist.gov/pubs/sp/800/38/d/final (a nonce must never come twice under one
// key).
//
// One AesGcm keeps its key schedule, so that sealing block after block under one key costs no more
// than the cipher itself.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tarn::wire {

inline constexpr std::size_t kAesKeyBytes = 32;
inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;

class AesGcm {
 public:
  // `key`: kAesKeyBytes.
  explicit AesGcm(std::string_view key);
  AesGcm(AesGcm&&) noexcept;
  AesGcm& operator=(AesGcm&&) noexcept;
  ~AesGcm();

  // Encrypts `data` where it lies and appends its tag, kGcmTagBytes, to `tags`. `bound` is
  // authenticated with it, not encrypted.
  void seal(std::string_view nonce, std::string_view bound, std::span<char> data,
            std::string& tags);
  // Decrypts `data` where it lies. false: nonce, bound, data or tag are not those of seal(); what
  // lies in `data` then must not be used.
  [[nodiscard]] bool open(std::string_view nonce, std::string_view bound, std::span<char> data,
                          std::string_view tag);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tarn::wire
