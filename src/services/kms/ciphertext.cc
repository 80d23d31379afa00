#include "services/kms/ciphertext.h"

#include <span>

#include "services/kms/faults.h"
#include "wire/aes_gcm.h"
#include "wire/digest.h"
#include "wire/encoding.h"

namespace tarn::kms {
namespace {

constexpr char kCiphertextVersion = 1;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMaterialIdBytes = 4;
constexpr std::size_t kSaltBytes = 16;
// Version, key, material, salt, nonce: all of it is authenticated.
constexpr std::size_t kNameBytes = 1 + kIdBytes + kMaterialIdBytes;
constexpr std::size_t kHeadBytes = kNameBytes + kSaltBytes + wire::kGcmNonceBytes;

void append_number(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

// The 16 bytes of a UUID.
std::string packed(std::string_view id) {
  std::string hex;
  for (const char c : id) {
    if (c != '-') hex.push_back(c);
  }
  return wire::from_hex(hex).value_or(std::string(kIdBytes, '\0'));
}

// The context in a form that is the same for the same pairs, and for no others.
std::string canonical(const EncryptionContext& context) {
  std::string out;
  for (const auto& [name, value] : context) {
    append_number(out, name.size());
    out.append(name);
    append_number(out, value.size());
    out.append(value);
  }
  return out;
}

// A key for this one message, so that however many there are, no nonce comes twice under one key.
wire::AesGcm cipher_of(const Material& material, std::string_view head) {
  std::string seed = "tarn kms message";
  seed.append(head.substr(kNameBytes, kSaltBytes));
  return wire::AesGcm(wire::hmac_sha256(material.bytes, seed));
}

}  // namespace

std::string uuid_text(std::string_view bytes) {
  std::string id = wire::to_hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) id.insert(at, 1, '-');
  return id;
}

std::string encrypt(platform::Random& random, const Key& key, std::string_view plaintext,
                    const EncryptionContext& context) {
  std::string out(1, kCiphertextVersion);
  out.reserve(kHeadBytes + plaintext.size() + wire::kGcmTagBytes);
  out.append(packed(key.id));
  append_number(out, key.materials.size());
  out.resize(kHeadBytes);
  random.fill(std::as_writable_bytes(std::span(out).subspan(kNameBytes)));
  const std::string head = out;
  out.append(plaintext);
  std::string tag;
  cipher_of(key.materials.back(), head)
      .seal(std::string_view(head).substr(kNameBytes + kSaltBytes), head + canonical(context),
            std::span(out).subspan(kHeadBytes), tag);
  return out.append(tag);
}

std::optional<CiphertextName> read_name(std::string_view ciphertext) {
  if (ciphertext.size() < kHeadBytes + wire::kGcmTagBytes ||
      ciphertext.front() != kCiphertextVersion) {
    return std::nullopt;
  }
  CiphertextName name;
  name.key_id = uuid_text(ciphertext.substr(1, kIdBytes));
  for (const char byte : ciphertext.substr(1 + kIdBytes, kMaterialIdBytes)) {
    name.material = name.material << 8 | static_cast<unsigned char>(byte);
  }
  return name;
}

Result<std::string> decrypt(const Key& key, std::string_view ciphertext,
                            const EncryptionContext& context) {
  const auto name = read_name(ciphertext);
  if (!name || name->key_id != key.id || name->material < 1 ||
      name->material > key.materials.size()) {
    return invalid_ciphertext();
  }
  const std::string head(ciphertext.substr(0, kHeadBytes));
  const std::string_view tag = ciphertext.substr(ciphertext.size() - wire::kGcmTagBytes);
  std::string plaintext(
      ciphertext.substr(kHeadBytes, ciphertext.size() - kHeadBytes - wire::kGcmTagBytes));
  const bool opened = cipher_of(key.materials[name->material - 1], head)
                          .open(std::string_view(head).substr(kNameBytes + kSaltBytes),
                                head + canonical(context), plaintext, tag);
  if (!opened) return invalid_ciphertext();
  return plaintext;
}

}  // namespace tarn::kms
