// Routes: the endpoints of the specification, declared once: served from here, named by getConfig,
// or refused by name.
//
// Place: services/iceberg, inside. Threads: constant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/iceberg/handlers.h"

namespace tarn::iceberg {

struct Route {
  std::string_view method;
  std::string_view path;  // below /v1/{prefix}/
  Handler handler;        // nullptr: the specification has it, tarn has not
  bool listed = true;     // whether getConfig names it
};

[[nodiscard]] std::span<const Route> routes();

// Where a warehouse of a client's stands in its paths: the prefix that getConfig gives it.
[[nodiscard]] std::string prefix_of(std::string_view warehouse);

// What a path means. `table` of the identifier is a table's or a view's name.
struct Match {
  const Route* route = nullptr;
  std::string warehouse;
  std::string namespace_levels;  // as the path has it: levels are separated by 1F
  std::string name;
};

// `path` are the decoded segments, which begin with iceberg and v1. Errors: 404
// (NoSuchEndpointException), 405 (MethodNotAllowedException), 400.
[[nodiscard]] Result<Match> match(std::string_view method, std::vector<std::string> path);

}  // namespace tarn::iceberg
