// Records: keys and values of the Lambda room in the store; described in docs/formats/lambda.md.
//
// Place: services/lambda. Threads: pure functions. Decoding fails with kCorrupt and the record's
// name.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "services/lambda/function.h"

namespace tarn::lambda {

inline constexpr std::string_view kFunctionPrefix = "f";
inline constexpr std::string_view kEventPrefix = "q";

[[nodiscard]] std::string record_key(const FunctionRecord& function);
[[nodiscard]] std::string record_key(const QueuedEvent& event);

[[nodiscard]] std::string encode(const FunctionRecord& function);
[[nodiscard]] Result<FunctionRecord> decode_function(std::string_view record);
[[nodiscard]] std::string encode(const QueuedEvent& event);
[[nodiscard]] Result<QueuedEvent> decode_event(std::string_view record);

}  // namespace tarn::lambda
