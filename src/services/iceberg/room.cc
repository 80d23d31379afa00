#include "services/iceberg/room.h"

#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/iceberg/handlers.h"
#include "services/iceberg/routes.h"
#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kAwsSuffix = ".amazonaws.com";

// Who has a token is its key's owner.
Status sign_in(const Tokens& tokens, const wire::Headers& headers, Caller& caller) {
  if (caller.kind != Caller::Kind::kAnonymous) return {};
  const std::string_view header = headers.get("authorization");
  if (header.size() > kBearer.size() &&
      wire::equals_ignoring_case(header.substr(0, kBearer.size()), kBearer)) {
    TARN_TRY(const iam::Credential credential, tokens.find(header.substr(kBearer.size())));
    caller.kind = credential.kind;
    caller.arn = credential.arn;
    caller.user_id = credential.user_id;
    caller.access_key_id = credential.access_key_id;
    caller.session = credential.session;
    return {};
  }
  return not_authorized(
      "Sign in: with SigV4 (rest.sigv4-enabled=true), with credential=ACCESS_KEY_ID:SECRET, or "
      "with "
      "a token of /iceberg/v1/oauth/tokens. `tarn env` prints the keys.");
}

// Where the client reached this server. A client that was led here by AWS's name finds S3 so too.
std::string endpoint_of(const Caller& caller) {
  std::string_view name = caller.host;
  if (const std::size_t colon = name.rfind(':'); colon != name.npos) name = name.substr(0, colon);
  if (caller.host.empty() || name.ends_with(kAwsSuffix)) return {};
  return fmt::format("{}://{}", caller.secure ? "https" : "http", caller.host);
}

Result<std::string> path_namespace(std::string_view levels) {
  if (levels.find('\x1f') != levels.npos) {
    std::string shown(levels);
    for (char& c : shown) {
      if (c == '\x1f') c = '.';
    }
    return no_such_namespace(shown + " (a database of Glue has one level)");
  }
  return name_of(levels);
}

Result<Request> request_of(gateway::WebRequest web, const Match& match) {
  Request out;
  out.owner = glue::Owner{web.caller.account_id, web.caller.region, web.caller.arn};
  out.endpoint = endpoint_of(web.caller);
  out.caller = std::move(web.caller);
  out.warehouse = match.warehouse;
  out.query = std::move(web.query);
  out.headers = web.headers;
  if (!match.namespace_levels.empty()) {
    TARN_TRY(out.identifier.namespace_name, path_namespace(match.namespace_levels));
  }
  if (!match.name.empty()) {
    TARN_TRY(out.identifier.name, name_of(match.name));
  }
  const bool form =
      web.headers->get("content-type").starts_with("application/x-www-form-urlencoded");
  if (!web.content.empty() && !form) {
    out.body = wire::parse_ordered_json(web.content);
    if (!out.body.is_object()) return bad_request("The body is no JSON object.");
  }
  out.raw_body = std::move(web.content);
  return out;
}

}  // namespace

Task<Result<wire::Response>> IcebergRoom::serve(gateway::WebRequest request) {
  const std::string request_id = request.caller.request_id;
  auto done = co_await answer(std::move(request));
  if (done.ok()) co_return done;
  const Error& error = done.error();
  if (error.http_status == 0 || error.http_status >= 500)
    spdlog::warn("{} iceberg: {}: {}", request_id, error.code, error.message);
  co_return to_response(error);
}

Task<Result<wire::Response>> IcebergRoom::answer(gateway::WebRequest web) {
  TARN_CO_TRY(const Match found, match(web.method, web.path));
  if (found.route->handler != &get_token)
    TARN_CO_CHECK(sign_in(iceberg_.tokens, *web.headers, web.caller));
  if (found.route->handler == nullptr)
    co_return not_implemented(fmt::format("{} /v1/{{prefix}}/{}", web.method, found.route->path));
  TARN_CO_TRY(Request request, request_of(std::move(web), found));
  co_return co_await found.route->handler(iceberg_, std::move(request));
}

wire::Response IcebergRoom::refuse(const Error& error) const {
  Error out = error;
  if (out.http_status == 400 || out.http_status == 401) {
    // What fails at the door is a failed sign-in; the gateway's codes are those of AWS.
    out = not_authorized(error.message);
  } else if (out.http_status == 403) {
    out = forbidden(error.message);
  }
  return to_response(out);
}

}  // namespace tarn::iceberg
