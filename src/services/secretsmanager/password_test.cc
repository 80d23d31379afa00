// What made-up passwords have and have not.
#include "services/secretsmanager/password.h"

#include <gtest/gtest.h>

#include "platform/real/random.h"

namespace tarn::secretsmanager {
namespace {

constexpr const char* kDigits = "0123456789";

std::string made(const PasswordRules& rules) {
  platform::real::Random random;
  auto out = make_password(random, rules);
  return out.ok() ? *out : out.error().code;
}

TEST(Passwords, HaveOneOfEachKind) {
  PasswordRules rules;
  rules.length = 5;
  rules.space = true;
  for (int i = 0; i < 100; ++i) {
    const std::string password = made(rules);
    EXPECT_EQ(password.size(), 5U);
    EXPECT_NE(password.find_first_of(kDigits), std::string::npos);
    EXPECT_NE(password.find(' '), std::string::npos);
  }
}

TEST(Passwords, HaveNothingThatIsExcluded) {
  PasswordRules rules;
  rules.length = 4096;
  rules.excluded = "aA1!";
  rules.punctuation = false;
  const std::string password = made(rules);
  EXPECT_EQ(password.size(), 4096U);
  EXPECT_EQ(password.find_first_of("aA1!.,;"), std::string::npos);
}

TEST(Passwords, MustHaveRoomAndCharacters) {
  PasswordRules rules;
  rules.length = 3;
  EXPECT_EQ(made(rules), "InvalidParameterException");
  rules.each = false;
  EXPECT_EQ(made(rules).size(), 3U);
  rules.lowercase = rules.uppercase = rules.punctuation = false;
  rules.excluded = kDigits;
  EXPECT_EQ(made(rules), "InvalidParameterException");
}

}  // namespace
}  // namespace tarn::secretsmanager
