// Passwords as IAM keeps them: never the text, but what it makes with a salt, slowly.
//
// Place: services/iam. Threads: pure functions; making and comparing take some 50 ms of a
// processor, and belong on the blocking pool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/random.h"

namespace tarn::iam {

// PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2).
struct PasswordHash {
  std::string salt;  // 16 bytes
  std::int32_t rounds = 0;
  std::string bytes;  // 32

  [[nodiscard]] static Result<PasswordHash> of(platform::Random& random, std::string_view password);
  // Takes as long whatever differs.
  [[nodiscard]] bool fits(std::string_view password) const;
};

// What passwords of the account's users must have.
struct PasswordPolicyRecord {
  std::int32_t least_length = 6;
  bool needs_symbols = false;
  bool needs_numbers = false;
  bool needs_uppercase = false;
  bool needs_lowercase = false;
};

// Whether a password is good enough: by the account's policy, or where it has none by that of every
// account, which asks for 8 characters of 3 kinds
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html).
// Error: PasswordPolicyViolation.
[[nodiscard]] Status check_password(std::string_view password,
                                    const std::optional<PasswordPolicyRecord>& policy);

}  // namespace tarn::iam
