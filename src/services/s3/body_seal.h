// BodySeal: the key of one body of an encrypted object, and how its blocks are sealed with it.
//
// Place: services/s3, under bodies; format in docs/formats/s3.md. Threads: for one thread at a
// time.
//
// A block is bound to its body and its place by key and nonce, the body's length is sealed too: a
// block that was changed, moved or taken from another body, and a body cut short, do not open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "services/s3/object.h"
#include "wire/aes_gcm.h"

namespace tarn::s3 {

inline constexpr std::size_t kSealTagBytes = wire::kGcmTagBytes;

class BodySeal {
 public:
  // `data_key`: of the object, 32 bytes.
  BodySeal(std::string_view data_key, const BodyId& id);

  // Encrypts a block where it lies; appends its tag to `tags`. Each number only once.
  void seal(std::uint64_t number, std::span<char> block, std::string& tags);
  // false: the block is not what was sealed under this number.
  [[nodiscard]] bool open(std::uint64_t number, std::span<char> block, std::string_view tag);

  // The tag of the body's length, and whether `tag` is that of `size`.
  [[nodiscard]] std::string seal_length(std::uint64_t size);
  [[nodiscard]] bool check_length(std::uint64_t size, std::string_view tag);

  // 16 bytes for the ETag of what may not show its MD5.
  [[nodiscard]] std::string etag() const;

 private:
  explicit BodySeal(const std::string& key);

  wire::AesGcm cipher_;
  std::string etag_;
};

}  // namespace tarn::s3
