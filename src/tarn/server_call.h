// A command's request to the running server, under /_tarn/, as the account's root.
//
// Place: tarn. Threads: the main thread's; blocks, for 30 s at most.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "tarn/server_file.h"

namespace tarn::app {

// The JSON that the server answers; discarded where it has no content. `path` begins with /_tarn/.
// Errors, for the operator: kIo (no answer), kInvalid (refused, in the server's words).
[[nodiscard]] Result<nlohmann::json> call_server(const ServerFacts& facts,
                                                 const std::string& method, const std::string& path,
                                                 const std::string& body);

}  // namespace tarn::app
