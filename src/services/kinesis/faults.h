// The errors of the Kinesis service in AWS's words.
//
// Place: kinesis. Threads: pure functions.
// Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html and the Errors
// section of each action; texts as the service gives them.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/result.h"

namespace tarn::kinesis {

inline Error stream_not_found(std::string_view name, std::string_view account) {
  return {"ResourceNotFoundException",
          fmt::format("Stream {} under account {} not found.", name, account)};
}

inline Error stream_not_active(std::string_view name, std::string_view account,
                               std::string_view status) {
  return {"ResourceInUseException",
          fmt::format("Stream {} under account {} not ACTIVE, instead in state {}", name, account,
                      status)};
}

inline Error shard_not_found(std::string_view shard, std::string_view stream,
                             std::string_view account) {
  return {"ResourceNotFoundException",
          fmt::format("Could not find shard {} in stream {} under account {}.", shard, stream,
                      account)};
}

inline Error consumer_not_found(std::string_view consumer) {
  return {"ResourceNotFoundException", fmt::format("Consumer {} not found.", consumer)};
}

inline Error no_policy(std::string_view resource) {
  return {"ResourceNotFoundException", fmt::format("{} has no resource policy.", resource)};
}

inline Error invalid_argument(std::string text) {
  return {"InvalidArgumentException", std::move(text)};
}

inline Error validation(std::string text) {
  return {"ValidationException", std::move(text)};
}

}  // namespace tarn::kinesis
