// Refusals: what the service says of a request that cannot be.
//
// Place: dynamodb. Threads: pure functions.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace tarn::dynamodb {

[[nodiscard]] inline Error invalid(std::string text) {
  return {"ValidationException", std::move(text)};
}

// Of the value of an attribute or parameter.
[[nodiscard]] inline Error invalid_value(const std::string& text) {
  return invalid("One or more parameter values were invalid: " + text);
}

}  // namespace tarn::dynamodb
