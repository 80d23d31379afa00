#include "services/kinesis/batch_cipher.h"

#include <array>
#include <cstring>

#include <openssl/evp.h>

#include "wire/digest.h"

namespace tarn::kinesis {

namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

std::string bind_to_shard(std::string_view data_key, const ShardOrigin& origin) {
  std::array<char, sizeof(origin.epoch_ms) + sizeof(origin.shard)> shard{};
  std::memcpy(shard.data(), &origin.epoch_ms, sizeof(origin.epoch_ms));
  std::memcpy(shard.data() + sizeof(origin.epoch_ms), &origin.shard, sizeof(origin.shard));
  return wire::hmac_sha256(data_key, {shard.data(), shard.size()});
}

// Of a header: first counter, arrival, number of records, flags; as they lie in it.
std::string authenticated(const BatchHeader& header) {
  const auto bytes = header.encode();
  return {bytes.data() + 16, 24};
}

const unsigned char* in(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* out(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

}  // namespace

BatchCipher::BatchCipher(std::uint32_t number, std::string_view data_key, const ShardOrigin& origin,
                         platform::Random& random)
    : number_(number), key_(bind_to_shard(data_key, origin)), random_(random) {}

std::string BatchCipher::seal(const BatchHeader& header,
                              std::span<const std::string_view> parts) const {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  std::string sealed(kNonceBytes + bytes + kTagBytes, '\0');
  std::memcpy(sealed.data(), &header.first, sizeof(header.first));
  random_.fill(std::as_writable_bytes(
      std::span(sealed).subspan(sizeof(header.first), kNonceBytes - sizeof(header.first))));
  const std::string also = authenticated(header);
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key_), in(sealed));
  int length = 0;
  EVP_EncryptUpdate(context.get(), nullptr, &length, in(also), static_cast<int>(also.size()));
  std::size_t at = kNonceBytes;
  for (const std::string_view part : parts) {
    EVP_EncryptUpdate(context.get(), out(sealed, at), &length, in(part),
                      static_cast<int>(part.size()));
    at += part.size();
  }
  EVP_EncryptFinal_ex(context.get(), out(sealed, at), &length);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out(sealed, at));
  return sealed;
}

Result<std::string> BatchCipher::open(const BatchHeader& header, std::string_view sealed) const {
  const Error broken(code::kCorrupt, "a sealed batch is not what its key sealed");
  if (sealed.size() < kOverhead) return broken;
  const std::size_t bytes = sealed.size() - kOverhead;
  const std::string also = authenticated(header);
  std::string tag(sealed.substr(kNonceBytes + bytes));
  std::string plain(bytes, '\0');
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key_), in(sealed));
  int length = 0;
  EVP_DecryptUpdate(context.get(), nullptr, &length, in(also), static_cast<int>(also.size()));
  EVP_DecryptUpdate(context.get(), out(plain, 0), &length, in(sealed.substr(kNonceBytes)),
                    static_cast<int>(bytes));
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data());
  if (EVP_DecryptFinal_ex(context.get(), out(plain, bytes), &length) != 1) return broken;
  return plain;
}

}  // namespace tarn::kinesis
