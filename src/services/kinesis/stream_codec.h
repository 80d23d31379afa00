// The durable form of a stream's state: JSON, described in docs/formats/kinesis-log.md.
//
// Place: kinesis. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "services/kinesis/stream.h"

namespace tarn::kinesis {

[[nodiscard]] std::string encode_stream(const StreamState& state);

// Errors: kCorrupt.
[[nodiscard]] Result<StreamState> decode_stream(std::string_view text);

}  // namespace tarn::kinesis
