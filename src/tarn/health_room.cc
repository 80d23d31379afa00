#include "tarn/health_room.h"

#include "tarn/version.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

Status check_request(const gateway::WebRequest& request) {
  if (!request.path.empty()) return Error("NotFound", "Nothing is served below this path.", 404);
  if (request.method != "GET") return Error("MethodNotAllowed", "Only GET is served here.", 405);
  return {};
}

}  // namespace

Task<Result<wire::Response>> HealthRoom::serve(gateway::WebRequest request) {
  TARN_CO_CHECK(check_request(request));
  wire::Response response;
  response.headers.add("Content-Type", "application/json");
  const nlohmann::ordered_json health = {
      {"status", "ok"}, {"version", kVersion}, {"services", services_}};
  response.content = health.dump();
  co_return response;
}

Task<Result<wire::Response>> MetricsRoom::serve(gateway::WebRequest request) {
  TARN_CO_CHECK(check_request(request));
  wire::Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4");
  response.content = chain_.metrics();
  co_return response;
}

}  // namespace tarn::app
