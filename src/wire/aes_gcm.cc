#include "wire/aes_gcm.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace tarn::wire {
namespace {

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* place(std::span<char> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

// A direction is made ready when it is first used: most contexts see only one.
struct AesGcm::Context {
  explicit Context(std::string_view secret) : key(secret) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    EVP_CIPHER_CTX_free(sealing);
    EVP_CIPHER_CTX_free(opening);
    OPENSSL_cleanse(key.data(), key.size());
  }

  EVP_CIPHER_CTX* direction(bool seal) {
    EVP_CIPHER_CTX*& wanted = seal ? sealing : opening;
    if (wanted == nullptr) {
      wanted = EVP_CIPHER_CTX_new();
      EVP_CipherInit_ex(wanted, EVP_aes_256_gcm(), nullptr, octets(key), nullptr, seal ? 1 : 0);
    }
    return wanted;
  }

  std::string key;
  EVP_CIPHER_CTX* sealing = nullptr;
  EVP_CIPHER_CTX* opening = nullptr;
};

AesGcm::AesGcm(std::string_view key) : context_(std::make_unique<Context>(key)) {}
AesGcm::AesGcm(AesGcm&&) noexcept = default;
AesGcm& AesGcm::operator=(AesGcm&&) noexcept = default;
AesGcm::~AesGcm() = default;

void AesGcm::seal(std::string_view nonce, std::string_view bound, std::span<char> data,
                  std::string& tags) {
  EVP_CIPHER_CTX* cipher = context_->direction(true);
  int length = 0;
  EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, octets(nonce));
  if (!bound.empty()) {
    EVP_EncryptUpdate(cipher, nullptr, &length, octets(bound), static_cast<int>(bound.size()));
  }
  if (!data.empty()) {
    EVP_EncryptUpdate(cipher, place(data), &length, place(data), static_cast<int>(data.size()));
  }
  std::array<unsigned char, kGcmTagBytes> tag{};
  EVP_EncryptFinal_ex(cipher, tag.data(), &length);
  EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag.data());
  tags.append(tag.begin(), tag.end());
}

bool AesGcm::open(std::string_view nonce, std::string_view bound, std::span<char> data,
                  std::string_view tag) {
  if (tag.size() != kGcmTagBytes) return false;
  EVP_CIPHER_CTX* cipher = context_->direction(false);
  int length = 0;
  EVP_DecryptInit_ex(cipher, nullptr, nullptr, nullptr, octets(nonce));
  if (!bound.empty()) {
    EVP_DecryptUpdate(cipher, nullptr, &length, octets(bound), static_cast<int>(bound.size()));
  }
  if (!data.empty()) {
    EVP_DecryptUpdate(cipher, place(data), &length, place(data), static_cast<int>(data.size()));
  }
  std::array<unsigned char, kGcmTagBytes> expected{};
  std::copy(tag.begin(), tag.end(), expected.begin());
  EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, expected.data());
  std::array<unsigned char, kGcmTagBytes> rest{};
  return EVP_DecryptFinal_ex(cipher, rest.data(), &length) == 1;
}

}  // namespace tarn::wire
