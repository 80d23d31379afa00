#include "services/iam/password.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace tarn::iam {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::int32_t kRounds = 100'000;

constexpr std::size_t kUsualLength = 8;
constexpr int kUsualKinds = 3;
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
constexpr std::string_view kSymbols = "!@#$%^&*()_+-=[]{}|'";

std::string derive(std::string_view password, std::string_view salt, std::int32_t rounds) {
  std::array<unsigned char, kHashBytes> out{};
  const std::string salt_bytes(salt);
  const int done = ::PKCS5_PBKDF2_HMAC(
      password.data(), static_cast<int>(password.size()),
      static_cast<const unsigned char*>(static_cast<const void*>(salt_bytes.data())),
      static_cast<int>(salt_bytes.size()), rounds, ::EVP_sha256(), static_cast<int>(out.size()),
      out.data());
  if (done != 1) return {};
  return {out.begin(), out.end()};
}

struct Kinds {
  bool symbol = false;
  bool number = false;
  bool uppercase = false;
  bool lowercase = false;

  [[nodiscard]] int count() const {
    return int{symbol} + int{number} + int{uppercase} + int{lowercase};
  }
};

Kinds kinds_of(std::string_view password) {
  Kinds out;
  for (const char c : password) {
    out.symbol = out.symbol || kSymbols.find(c) != std::string_view::npos;
    out.number = out.number || (c >= '0' && c <= '9');
    out.uppercase = out.uppercase || (c >= 'A' && c <= 'Z');
    out.lowercase = out.lowercase || (c >= 'a' && c <= 'z');
  }
  return out;
}

Error violation(std::string_view what) {
  return {"PasswordPolicyViolation",
          fmt::format("Password does not conform to the account password policy: {}", what)};
}

}  // namespace

Result<PasswordHash> PasswordHash::of(platform::Random& random, std::string_view password) {
  PasswordHash out;
  out.salt = random.bytes(kSaltBytes);
  out.rounds = kRounds;
  out.bytes = derive(password, out.salt, out.rounds);
  if (out.bytes.empty()) return Error("ServiceFailure", "OpenSSL could not derive a password hash");
  return out;
}

bool PasswordHash::fits(std::string_view password) const {
  const std::string other = derive(password, salt, rounds);
  return other.size() == bytes.size() && !bytes.empty() &&
         ::CRYPTO_memcmp(other.data(), bytes.data(), bytes.size()) == 0;
}

Status check_password(std::string_view password,
                      const std::optional<PasswordPolicyRecord>& policy) {
  const Kinds kinds = kinds_of(password);
  if (!policy) {
    if (password.size() >= kUsualLength && kinds.count() >= kUsualKinds) return {};
    return violation(
        "it must have 8 characters at least, of three kinds out of uppercase and lowercase "
        "letters, numbers and symbols");
  }
  if (password.size() < static_cast<std::size_t>(policy->least_length))
    return violation(fmt::format("it must have {} characters at least", policy->least_length));
  if (policy->needs_symbols && !kinds.symbol)
    return violation(fmt::format("it must have one of {}", kSymbols));
  if (policy->needs_numbers && !kinds.number) return violation("it must have a number");
  if (policy->needs_uppercase && !kinds.uppercase)
    return violation("it must have an uppercase letter");
  if (policy->needs_lowercase && !kinds.lowercase)
    return violation("it must have a lowercase letter");
  return {};
}

}  // namespace tarn::iam
