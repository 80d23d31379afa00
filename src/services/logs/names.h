// Names of log groups and streams.
//
// Place: services/logs. Threads: pure functions.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
#pragma once

#include <algorithm>
#include <string_view>

#include "base/result.h"

namespace tarn::logs {

inline constexpr std::size_t kLongestName = 512;

// Letters, digits and "_-/.#". Error: InvalidParameterException.
[[nodiscard]] inline Status check_group_name(std::string_view name) {
  const bool is_good = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-/.#").find(c) != std::string_view::npos;
  });
  if (is_good && !name.empty() && name.size() <= kLongestName) return {};
  return Error("InvalidParameterException",
               "The name of a log group has 1 to 512 letters, digits and characters of _-/.#");
}

// Anything but ":" and "*". Error: InvalidParameterException.
[[nodiscard]] inline Status check_stream_name(std::string_view name) {
  const bool is_good = name.find_first_of(":*") == std::string_view::npos;
  if (is_good && !name.empty() && name.size() <= kLongestName) return {};
  return Error("InvalidParameterException",
               "The name of a log stream has 1 to 512 characters, none of them : or *");
}

}  // namespace tarn::logs
