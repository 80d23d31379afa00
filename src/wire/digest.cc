#include "wire/digest.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace tarn::wire {
namespace {

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <std::size_t N>
std::string text_of(const std::array<unsigned char, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string sha256(std::string_view data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
  SHA256(octets(data), data.size(), out.data());
  return text_of(out);
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(data), data.size(),
       out.data(), &length);
  return text_of(out);
}

bool equals_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Sha256::Context {
  EVP_MD_CTX* state = EVP_MD_CTX_new();
  Context() { begin(); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(state); }
  void begin() const { EVP_DigestInit_ex(state, EVP_sha256(), nullptr); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;

void Sha256::update(std::string_view data) {
  EVP_DigestUpdate(context_->state, data.data(), data.size());
}

std::string Sha256::finish() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
  EVP_DigestFinal_ex(context_->state, out.data(), nullptr);
  context_->begin();
  return text_of(out);
}

}  // namespace tarn::wire
