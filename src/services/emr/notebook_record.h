// Records of notebook executions in the store; docs/formats/emr.md.
//
// Place: services/emr. Threads: pure functions. Decoding fails with kCorrupt and the record's name.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "services/emr/notebook_executions.h"

namespace tarn::emr {

inline constexpr std::string_view kExecutionPrefix = "n";

[[nodiscard]] std::string execution_key(std::string_view id);
[[nodiscard]] std::string encode(const ExecutionRecord& execution);
[[nodiscard]] Result<ExecutionRecord> decode_execution(std::string_view record);

}  // namespace tarn::emr
