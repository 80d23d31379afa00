#include "services/iceberg/maintenance_room.h"

#include <charconv>

#include <fmt/format.h>

#include "services/iam/session.h"

namespace tarn::iceberg {
namespace {

Error method_not_allowed() {
  return {"MethodNotAllowed", "This method is not served here.", 405};
}

}  // namespace

Task<Result<wire::Response>> MaintenanceRoom::serve(gateway::WebRequest request) {
  co_return answer_to(request);
}

Result<wire::Response> MaintenanceRoom::answer_to(const gateway::WebRequest& request) {
  if (request.caller.kind == Caller::Kind::kAnonymous) {
    return Error("Unauthorized",
                 "Sign in with HTTP Basic: an access key id as user and its secret access key as "
                 "password (`tarn env` prints them).",
                 401);
  }
  // A session policy can only take away; what it leaves is not asked for here.
  const bool limited = request.caller.session && !request.caller.session->policies.empty();
  if (request.caller.kind != Caller::Kind::kRoot || limited)
    return Error("Forbidden", "Maintenance is steered by the account's root.", 403);
  if (request.path.empty()) {
    if (request.method != "GET") return method_not_allowed();
    return answer(maintenance_.describe());
  }
  if (request.path[0] != "runs" || request.path.size() > 2)
    return Error("NotFound", "Nothing is served here; runs are at /_tarn/maintenance/runs.", 404);
  if (request.path.size() == 1) {
    if (request.method != "POST") return method_not_allowed();
    return run(request);
  }
  if (request.method != "DELETE") return method_not_allowed();
  const std::string& text = request.path[1];
  int id = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failure != std::errc() || end != text.data() + text.size())
    return Error("BadRequest", fmt::format("'{}' is not a run's number.", text), 400);
  TARN_CHECK(maintenance_.stop(id));
  return no_content();
}

Result<wire::Response> MaintenanceRoom::run(const gateway::WebRequest& request) {
  const Json body = wire::parse_ordered_json(request.content);
  const std::string table = text_or(body, "table", "");
  const std::size_t dot = table.find('.');
  if (dot == std::string::npos)
    return Error("BadRequest", "'table' must be given, as DATABASE.TABLE.", 400);
  Identifier identifier;
  TARN_TRY(identifier.namespace_name, name_of(table.substr(0, dot)));
  TARN_TRY(identifier.name, name_of(table.substr(dot + 1)));
  auto id = maintenance_.request(identifier);
  if (!id.ok()) {
    Error error = std::move(id).error();
    if (error.http_status == 0) error.http_status = 503;
    return error;
  }
  Json out;
  out["id"] = *id;
  wire::Response response = answer(out);
  response.status = 202;
  return response;
}

}  // namespace tarn::iceberg
