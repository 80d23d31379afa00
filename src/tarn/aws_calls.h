// AwsCalls: actions of AWS's APIs, asked of the running server by a command, as the account's root:
// signed requests to its port, like those of any client.
//
// Place: tarn. Threads: the main thread's; each call blocks, for 30 s at most.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "tarn/server_file.h"
#include "wire/json_value.h"

namespace tarn::app {

class AwsCalls {
 public:
  using Parameters = std::map<std::string, std::string>;

  // Both must live on.
  AwsCalls(const ServerFacts& facts, const platform::Clock& clock) : facts_(facts), clock_(clock) {}

  // Errors of all: kIo (no answer), and the service's own, with its code and words.

  // A service of the JSON protocol; `target` as in X-Amz-Target.
  [[nodiscard]] Result<nlohmann::json> json(std::string_view service, std::string_view target,
                                            const nlohmann::json& input) const;
  // A service of the query protocol. The answer's XML as JSON: elements are members, lists
  // (`member`, `item`) and repeated elements arrays, everything else text.
  [[nodiscard]] Result<nlohmann::json> query(std::string_view service, std::string_view version,
                                             std::string_view action, Parameters input) const;
  // S3: `path` is "/bucket" or "/bucket/key", encoded; `headers` besides those of the signature.
  [[nodiscard]] Result<nlohmann::json> s3(std::string_view method, std::string_view path,
                                          const Parameters& query_input, const std::string& body,
                                          const Parameters& headers = {}) const;

 private:
  const ServerFacts& facts_;
  const platform::Clock& clock_;
};

// The elements of a list in such an answer: none where it is absent or empty.
[[nodiscard]] std::vector<nlohmann::json> list_in(const nlohmann::json& answer,
                                                  const std::string& member);
// A text in it; empty where it is absent.
[[nodiscard]] std::string text_in(const nlohmann::json& answer, const std::string& member);

}  // namespace tarn::app
