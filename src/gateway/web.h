// WebRoom: what tarn serves beside the AWS APIs, under /_tarn/ (Livy sessions, health, metrics; the
// console later), or at a path of its own (the Iceberg REST catalog at /iceberg/v1/).
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
  std::vector<std::string> path;  // decoded segments after the room's prefix: {"sessions", "0"};
                                  // of a room with a path of its own: all of them
  std::string base;       // what stands before `path` in the client's URL: "/_tarn/livy"; empty of
                          // a room with a path of its own and at a door (doors.h)
  std::string raw_path;   // as sent, still percent-encoded
  std::string raw_query;  // without "?"
  std::vector<std::pair<std::string, std::string>> query;
  const wire::Headers* headers = nullptr;
  std::string content;  // at most 16 MiB
  Caller caller;  // from HTTP Basic (access key id and secret) or a SigV4 signature; anonymous
                  // otherwise
};

class WebRoom {
 public:
  virtual ~WebRoom() = default;
  // Errors are worded by refuse().
  [[nodiscard]] virtual Task<Result<wire::Response>> serve(WebRequest request) = 0;
  // An error as the room's clients know it, those of the sign-in before it included. JSON
  // {"msg": …} with the error's http_status, 500 where it is 0, unless the room has its own form.
  [[nodiscard]] virtual wire::Response refuse(const Error& error) const;
};

}  // namespace tarn::gateway
