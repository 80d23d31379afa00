#include "services/iceberg/routes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kWarehouse = "warehouse-";

constexpr Route kRoutes[] = {
    {"GET", "config", &get_config, false},
    {"POST", "oauth/tokens", &get_token, false},
    {"GET", "namespaces", &list_namespaces},
    {"POST", "namespaces", &create_namespace},
    {"GET", "namespaces/{namespace}", &load_namespace_metadata},
    {"HEAD", "namespaces/{namespace}", &namespace_exists},
    {"DELETE", "namespaces/{namespace}", &drop_namespace},
    {"POST", "namespaces/{namespace}/properties", &update_properties},
    {"GET", "namespaces/{namespace}/tables", &list_tables},
    {"POST", "namespaces/{namespace}/tables", &create_table},
    {"GET", "namespaces/{namespace}/tables/{table}", &load_table},
    {"POST", "namespaces/{namespace}/tables/{table}", &update_table},
    {"HEAD", "namespaces/{namespace}/tables/{table}", &table_exists},
    {"DELETE", "namespaces/{namespace}/tables/{table}", &drop_table},
    {"POST", "namespaces/{namespace}/register", &register_table},
    {"POST", "namespaces/{namespace}/tables/{table}/metrics", &report_metrics},
    {"GET", "namespaces/{namespace}/tables/{table}/credentials", &load_credentials},
    {"POST", "tables/rename", &rename_table},
    {"POST", "transactions/commit", &commit_transaction},
    {"GET", "namespaces/{namespace}/views", &list_views},
    {"POST", "namespaces/{namespace}/views", &create_view},
    {"GET", "namespaces/{namespace}/views/{view}", &load_view},
    {"POST", "namespaces/{namespace}/views/{view}", &replace_view},
    {"HEAD", "namespaces/{namespace}/views/{view}", &view_exists},
    {"DELETE", "namespaces/{namespace}/views/{view}", &drop_view},
    {"POST", "namespaces/{namespace}/register-view", &register_view},
    {"POST", "views/rename", &rename_view},
    // Planning by the server: clients plan their scans themselves.
    {"POST", "namespaces/{namespace}/tables/{table}/plan", nullptr, false},
    {"GET", "namespaces/{namespace}/tables/{table}/plan/{plan}", nullptr, false},
    {"DELETE", "namespaces/{namespace}/tables/{table}/plan/{plan}", nullptr, false},
    {"POST", "namespaces/{namespace}/tables/{table}/tasks", nullptr, false},
};

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

bool fits(std::string_view pattern, const std::vector<std::string>& path, Match& match) {
  const auto parts = split(pattern);
  if (parts.size() != path.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "{namespace}") {
      match.namespace_levels = path[i];
    } else if (parts[i] == "{table}" || parts[i] == "{view}") {
      match.name = path[i];
    } else if (parts[i] != "{plan}" && parts[i] != path[i]) {
      return false;
    }
  }
  return true;
}

// Takes the prefix off: none, that of prefix_of(), or AWS's catalogs/ACCOUNT
// (https://docs.aws.amazon.com/glue/latest/dg/connect-glu-iceberg-rest.html).
Status take_prefix(std::vector<std::string>& path, Match& match) {
  if (path.empty()) return {};
  if (path[0] == "catalogs" && path.size() > 1) {
    path.erase(path.begin(), path.begin() + 2);
  } else if (path[0].starts_with(kWarehouse)) {
    const auto warehouse = wire::from_hex(std::string_view(path[0]).substr(kWarehouse.size()));
    if (!warehouse) return bad_request("The prefix of the path is not one that this server gave.");
    match.warehouse = *warehouse;
    path.erase(path.begin());
  }
  return {};
}

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

std::string prefix_of(std::string_view warehouse) {
  return std::string(kWarehouse) + wire::to_hex(warehouse);
}

Result<Match> match(std::string_view method, std::vector<std::string> path) {
  Match out;
  path.erase(path.begin(), path.begin() + std::min<std::ptrdiff_t>(2, std::ssize(path)));
  TARN_CHECK(take_prefix(path, out));
  bool known = false;
  for (const auto& route : kRoutes) {
    Match candidate = out;
    if (!fits(route.path, path, candidate)) continue;
    known = true;
    if (route.method != method) continue;
    candidate.route = &route;
    return candidate;
  }
  if (known)
    return Error("MethodNotAllowedException", fmt::format("{} is not served here.", method), 405);
  return Error("NoSuchEndpointException",
               "This is no path of the Iceberg REST specification that tarn knows.", 404);
}

}  // namespace tarn::iceberg
