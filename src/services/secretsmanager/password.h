// Passwords that are made up.
//
// Place: services/secretsmanager. Source:
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
// Threads: pure but for chance.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/random.h"

namespace tarn::secretsmanager {

struct PasswordRules {
  std::size_t length = 32;
  std::string excluded;  // characters
  bool numbers = true;
  bool punctuation = true;
  bool uppercase = true;
  bool lowercase = true;
  bool space = false;
  bool each = true;  // one of every kind at the least
};

// Error: InvalidParameterException: nothing is left to choose from, or too little room.
[[nodiscard]] Result<std::string> make_password(platform::Random& random,
                                                const PasswordRules& rules);

}  // namespace tarn::secretsmanager
