// What is wrong with a policy, as an error. Internal to services/iam/policy.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace tarn::iam::policy {

inline constexpr std::string_view kMalformed = "MalformedPolicyDocument";

// The name that IAM and STS have for it; services that keep policies have names of their own.
inline Error malformed(std::string message) {
  return {kMalformed, std::move(message), 400};
}

// At most 200 bytes of `text`, for messages, without what would break a line or a terminal.
[[nodiscard]] inline std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 200))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

}  // namespace tarn::iam::policy
