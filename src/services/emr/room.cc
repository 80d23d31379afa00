#include "services/emr/room.h"

#include <utility>

#include <fmt/format.h>

#include "services/emr/request.h"
#include "services/iam/session.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

// More than EC2 gives; less than what an operator might mean.
constexpr std::int64_t kMostNotice = 86400;

Status check_operator(const Caller& caller) {
  if (caller.kind == Caller::Kind::kAnonymous) {
    return Error("Unauthorized",
                 "Sign in with HTTP Basic: an access key id as user and its secret access key as "
                 "password (`tarn env` prints them).",
                 401);
  }
  const bool limited = caller.session && !caller.session->policies.empty();
  if (caller.kind == Caller::Kind::kRoot && !limited) return {};
  return Error("Forbidden", "Spot interruptions are provoked by the account's root.", 403);
}

Error as_bad_request(Error error) {
  if (error.http_status == 0) error.http_status = 400;
  return error;
}

}  // namespace

Task<Result<wire::Response>> ClusterRoom::serve(gateway::WebRequest request) {
  TARN_CO_CHECK(check_operator(request.caller));
  const auto& path = request.path;
  if (path.size() != 3 || path[0] != "clusters" || path[2] != "interruptions") {
    co_return Error("NotFound",
                    "Nothing is served here; see /_tarn/emr/clusters/CLUSTER/interruptions.", 404);
  }
  if (request.method != "POST") {
    co_return Error("MethodNotAllowed", "Only POST is served here.", 405);
  }
  co_return co_await interrupt(std::move(request));
}

Task<Result<wire::Response>> ClusterRoom::interrupt(gateway::WebRequest request) {
  const json body = request.content.empty() ? json::object() : wire::parse_json(request.content);
  if (!body.is_object()) co_return Error("BadRequest", "The body is a JSON object.", 400);
  const std::string instance =
      body.contains("instance") && body["instance"].is_string() ? body["instance"] : "";
  std::chrono::seconds notice = emr_.market().notice();
  if (const auto asked = body.find("notice"); asked != body.end()) {
    if (!asked->is_number_integer() || *asked < 0 || *asked > kMostNotice) {
      co_return Error("BadRequest",
                      fmt::format("'notice' is a number of seconds from 0 to {}.", kMostNotice),
                      400);
    }
    notice = std::chrono::seconds(asked->get<std::int64_t>());
  }
  const auto life = find_living(emr_, request.caller, request.path[1]);
  if (!life.ok()) co_return as_bad_request(life.error());
  const auto taken = (*life)->interrupt(instance, notice);
  if (!taken.ok()) co_return as_bad_request(taken.error());
  const Status saved = co_await (*life)->save();
  if (!saved.ok()) co_return saved.error();
  wire::Response response;
  response.status = 202;
  response.headers.add("Content-Type", "application/json");
  response.content = json{{"instance", *taken}, {"notice", notice.count()}}.dump();
  co_return response;
}

}  // namespace tarn::emr
