// Ids and ARNs as AWS forms them.
//
// Place: base. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace tarn {

inline constexpr std::string_view kPartition = "aws";

// arn:partition:service:region:account-id:resource
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)
inline std::string make_arn(std::string_view service, std::string_view region,
                            std::string_view account, std::string_view resource) {
  std::string arn = "arn:";
  arn.append(kPartition).append(":").append(service).append(":").append(region).append(":");
  arn.append(account).append(":").append(resource);
  return arn;
}

}  // namespace tarn
