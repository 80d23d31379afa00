// WebRoom: what tarn serves beside the AWS APIs, under /_tarn/ (Livy sessions, health, metrics; the
// console later).
//
// Place: gateway. Threads: serve() runs on the control strand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "wire/http.h"

namespace tarn::gateway {

struct WebRequest {
  std::string method;
  std::vector<std::string> path;  // decoded segments after the room's prefix: {"sessions", "0"}
  std::vector<std::pair<std::string, std::string>> query;
  const wire::Headers* headers = nullptr;
  std::string content;  // at most 16 MiB
  Caller caller;  // from HTTP Basic (access key id and secret) or a SigV4 signature; anonymous
                  // otherwise
};

class WebRoom {
 public:
  virtual ~WebRoom() = default;
  // Errors become JSON {"msg": …} with their http_status, 500 where it is 0.
  [[nodiscard]] virtual Task<Result<wire::Response>> serve(WebRequest request) = 0;
};

}  // namespace tarn::gateway
