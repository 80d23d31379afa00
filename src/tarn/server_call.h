// A command's requests to the running server.
//
// Place: tarn. Threads: the main thread's; blocks, for 30 s at most.
#pragma once

#include <string>

#include "base/result.h"
#include "tarn/server_file.h"
#include "wire/http.h"
#include "wire/json_value.h"

namespace tarn::app {

struct ServerAnswer {
  int status = 0;
  std::string content;
};

// Sends `request` (method, path, raw_query, headers but for those of the connection) with `body`.
// Error, for the operator: kIo (no answer).
[[nodiscard]] Result<ServerAnswer> ask_server(const ServerFacts& facts,
                                              const wire::Request& request,
                                              const std::string& body);

// A request under /_tarn/, as the account's root: the JSON that the server answers; discarded where
// it has no content. `path` begins with /_tarn/. Errors, for the operator: kIo (no answer),
// kInvalid (refused, in the server's words).
[[nodiscard]] Result<nlohmann::json> call_server(const ServerFacts& facts,
                                                 const std::string& method, const std::string& path,
                                                 const std::string& body);

}  // namespace tarn::app
