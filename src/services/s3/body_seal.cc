#include "services/s3/body_seal.h"

#include <limits>

#include "wire/digest.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kEtagBytes = 16;
// No body has so many blocks.
constexpr std::uint64_t kLengthNumber = std::numeric_limits<std::uint64_t>::max();

std::string big_endian(std::uint64_t value) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
  return out;
}

// The key is the body's own, so a number is nonce enough.
std::string nonce_of(std::uint64_t number) {
  return std::string(wire::kGcmNonceBytes - sizeof(number), '\0') + big_endian(number);
}

std::string body_key_of(std::string_view data_key, const BodyId& id) {
  std::string purpose = "tarn s3 body";
  purpose.append(bytes_of(id));
  return wire::hmac_sha256(data_key, purpose);
}

}  // namespace

BodySeal::BodySeal(std::string_view data_key, const BodyId& id)
    : BodySeal(body_key_of(data_key, id)) {}

BodySeal::BodySeal(const std::string& key)
    : cipher_(key), etag_(wire::hmac_sha256(key, "tarn s3 etag").substr(0, kEtagBytes)) {}

void BodySeal::seal(std::uint64_t number, std::span<char> block, std::string& tags) {
  cipher_.seal(nonce_of(number), {}, block, tags);
}

bool BodySeal::open(std::uint64_t number, std::span<char> block, std::string_view tag) {
  return cipher_.open(nonce_of(number), {}, block, tag);
}

std::string BodySeal::seal_length(std::uint64_t size) {
  std::string tag;
  cipher_.seal(nonce_of(kLengthNumber), big_endian(size), {}, tag);
  return tag;
}

bool BodySeal::check_length(std::uint64_t size, std::string_view tag) {
  return cipher_.open(nonce_of(kLengthNumber), big_endian(size), {}, tag);
}

std::string BodySeal::etag() const {
  return etag_;
}

}  // namespace tarn::s3
