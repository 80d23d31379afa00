#include "services/emr/agents_room.h"

#include <utility>

#include <fmt/format.h>

#include "services/iam/session.h"
#include "wire/digest.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

constexpr std::string_view kBearer = "Bearer ";

wire::Response json_response(const json& content) {
  wire::Response out;
  out.headers.add("Content-Type", "application/json");
  out.content = content.dump(-1, ' ', false, json::error_handler_t::replace);
  return out;
}

Error not_served() {
  return {"NotFound", "Agents report at /_tarn/agents/report.", 404};
}

}  // namespace

AgentsRoom::AgentsRoom(Hosts& hosts, std::string token, std::string spark_version)
    : hosts_(hosts), token_(std::move(token)), spark_version_(std::move(spark_version)) {}

Task<Result<wire::Response>> AgentsRoom::serve(gateway::WebRequest request) {
  if (request.path.size() == 1 && request.path[0] == "report") {
    if (request.method != "POST") {
      co_return Error("MethodNotAllowed", "Only POST is served here.", 405);
    }
    co_return take_report(request);
  }
  if (!request.path.empty()) co_return not_served();
  if (request.method != "GET") co_return Error("MethodNotAllowed", "Only GET is served here.", 405);
  const bool limited = request.caller.session && !request.caller.session->policies.empty();
  if (request.caller.kind != Caller::Kind::kRoot || limited) {
    co_return Error("Forbidden", "Hosts are listed to the account's root.", 403);
  }
  co_return json_response({{"hosts", hosts_.describe()}});
}

Result<wire::Response> AgentsRoom::take_report(const gateway::WebRequest& request) {
  const std::string_view header =
      request.headers == nullptr ? "" : request.headers->get("authorization");
  if (!header.starts_with(kBearer) ||
      !wire::equals_in_constant_time(token_, header.substr(kBearer.size()))) {
    return Error("Unauthorized",
                 "Unknown token: give what `tarn agent-token` prints on the server.", 401);
  }
  const json report = wire::parse_json(request.content);
  const auto spark = report.is_object() ? report.find("spark") : report.end();
  if (spark != report.end() && *spark != spark_version_) {
    return Error(
        "BadRequest",
        fmt::format("This server's clusters run Spark {}, the agent has {}: install the "
                    "same tarn.",
                    spark_version_, spark->is_string() ? spark->get<std::string>() : "none"),
        400);
  }
  auto orders = hosts_.report(report);
  if (!orders.ok()) return Error("BadRequest", orders.error().message, 400);
  return json_response(*orders);
}

}  // namespace tarn::emr
