#include "services/kinesis/batch_cipher.h"

#include <array>
#include <cstring>

#include "wire/aes_gcm.h"
#include "wire/digest.h"

namespace tarn::kinesis {

namespace {

using wire::kGcmNonceBytes;
using wire::kGcmTagBytes;
static_assert(BatchCipher::kOverhead == kGcmNonceBytes + kGcmTagBytes);

std::string bind_to_shard(std::string_view data_key, const ShardOrigin& origin) {
  std::array<char, sizeof(origin.epoch_ms) + sizeof(origin.shard)> shard{};
  std::memcpy(shard.data(), &origin.epoch_ms, sizeof(origin.epoch_ms));
  std::memcpy(shard.data() + sizeof(origin.epoch_ms), &origin.shard, sizeof(origin.shard));
  return wire::hmac_sha256(data_key, {shard.data(), shard.size()});
}

// Of a header: first counter, arrival, number of records, flags; as they lie in it.
std::string bound_bytes(const BatchHeader& header) {
  const auto bytes = header.encode();
  return {bytes.data() + 16, 24};
}

}  // namespace

BatchCipher::BatchCipher(std::uint32_t number, std::string_view data_key, const ShardOrigin& origin,
                         platform::Random& random)
    : number_(number), key_(bind_to_shard(data_key, origin)), random_(random) {}

std::string BatchCipher::seal(const BatchHeader& header,
                              std::span<const std::string_view> parts) const {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  std::string sealed(kGcmNonceBytes, '\0');
  sealed.reserve(bytes + kOverhead);
  std::memcpy(sealed.data(), &header.first, sizeof(header.first));
  random_.fill(std::as_writable_bytes(std::span(sealed).subspan(sizeof(header.first))));
  const std::string nonce = sealed;
  for (const std::string_view part : parts) sealed.append(part);
  std::string tag;
  wire::AesGcm(key_).seal(nonce, bound_bytes(header), std::span(sealed).subspan(kGcmNonceBytes),
                          tag);
  return sealed.append(tag);
}

Result<std::string> BatchCipher::open(const BatchHeader& header, std::string_view sealed) const {
  const Error broken(code::kCorrupt, "a sealed batch is not what its key sealed");
  if (sealed.size() < kOverhead) return broken;
  std::string plain(sealed.substr(kGcmNonceBytes, sealed.size() - kOverhead));
  const bool whole = wire::AesGcm(key_).open(sealed.substr(0, kGcmNonceBytes), bound_bytes(header),
                                             plain, sealed.substr(sealed.size() - kGcmTagBytes));
  if (!whole) return broken;
  return plain;
}

}  // namespace tarn::kinesis
