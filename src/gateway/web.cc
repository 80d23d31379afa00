// The chain's web rooms: routing below /_tarn/ and to sites, sign-in by HTTP Basic or a signature.
#include "gateway/web.h"

#include <exception>

#include <fmt/format.h>

#include "gateway/chain.h"
#include "gateway/exchange.h"
#include "platform/log.h"
#include "wire/digest.h"
#include "wire/encoding.h"
#include "wire/sigv4.h"

namespace tarn::gateway {
namespace {

constexpr std::size_t kContentLimit = 16U << 20;
constexpr std::string_view kBasic = "Basic ";

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) out.push_back(wire::percent_decode(path.substr(0, slash)));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return out;
}

wire::Response message(int status, std::string_view text) {
  wire::Response out;
  out.status = status;
  out.headers.add("Content-Type", "application/json");
  out.content = "{\"msg\":";
  wire::append_json_string(text, out.content);
  out.content += "}";
  if (status == 401)
    out.headers.add("WWW-Authenticate",
                    "Basic realm=\"tarn: access key id and secret access key\"");
  return out;
}

}  // namespace

// An access key id as user and its secret as password: what a browser and sparkmagic can send.
// Temporary keys have a token besides, which is taken appended to the secret after a colon.
Status Chain::check_basic(const wire::Request& request, Caller& caller) const {
  const std::string_view header = request.headers.get("authorization");
  if (!header.starts_with(kBasic)) return {};
  const auto pair = wire::from_base64(header.substr(kBasic.size()));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos)
    return Error("Unauthorized", "Authorization is not valid HTTP Basic.", 401);
  const auto credential = credentials_.find(std::string_view(*pair).substr(0, colon));
  const std::string wanted =
      credential ? credential->secret_access_key +
                       (credential->session_token.empty() ? "" : ":" + credential->session_token)
                 : "";
  const bool expired =
      credential && credential->expires && *credential->expires < platform_.clock.now();
  if (!credential || expired ||
      !wire::equals_in_constant_time(wanted, std::string_view(*pair).substr(colon + 1))) {
    return Error("Unauthorized",
                 "Unknown access key id or wrong secret: use the keys that `tarn env` prints.",
                 401);
  }
  caller.kind = credential->kind;
  caller.arn = credential->arn;
  caller.user_id = credential->user_id;
  caller.access_key_id = credential->access_key_id;
  caller.session = credential->session;
  return {};
}

wire::Response WebRoom::refuse(const Error& error) const {
  return message(error.http_status != 0 ? error.http_status : 500, error.message);
}

WebRoom* Chain::find_site(const wire::Request& request) const {
  for (const auto& [path, room] : sites_) {
    if (!request.path.starts_with(path)) continue;
    if (names_bucket(request.host)) return nullptr;
    const auto signature = wire::find_signature(request);
    const bool signed_for_s3 = signature.ok() && *signature && (*signature)->service == "s3";
    return signed_for_s3 ? nullptr : room;
  }
  return nullptr;
}

Task<wire::Response> Chain::serve_web(wire::Request& request, ConnectionState& state,
                                      const std::string& request_id, WebRoom* site) {
  auto path = segments(request.path);
  WebRoom* room = site;
  std::string base;
  if (site == nullptr) {
    if (request.door.empty()) {
      if (!path.empty()) path.erase(path.begin());
    } else {
      auto place = segments(request.door);
      path.insert(path.begin(), place.begin(), place.end());
    }
    for (const auto& [prefix, candidate] : web_rooms_) {
      if (!path.empty() && path.front() == prefix) room = candidate;
    }
    if (room == nullptr)
      co_return message(404, fmt::format("Nothing is served at {}.", request.path));
    if (request.door.empty()) base = "/_tarn/" + path.front();
    path.erase(path.begin());
  }
  Exchange exchange{.request = request, .state = state};
  exchange.request_id = request_id;
  WebRequest web;
  web.method = request.method;
  web.path = std::move(path);
  web.base = std::move(base);
  web.raw_path = request.path;
  web.raw_query = request.raw_query;
  web.query = request.query;
  web.headers = &request.headers;
  web.caller.account_id = options_.account_id;
  web.caller.region = options_.default_region;
  web.caller.request_id = request_id;
  web.caller.source_ip = request.source_ip;
  web.caller.host = request.host;
  auto done = co_await serve_web_room(exchange, *room, std::move(web));
  if (!done.ok()) {
    const auto& error = done.error();
    if (error.http_status == 0 || error.http_status >= 500)
      spdlog::error("{} {} failed: {}", request_id, request.path, error.message);
    co_return room->refuse(error);
  }
  co_return std::move(exchange.response);
}

// HTTP Basic, or a signature over the body, which is read whole here.
Task<Status> Chain::sign_in_web(Exchange& exchange, WebRequest& web) const {
  exchange.protocol = wire::Protocol::kRestJson;
  TARN_CO_CHECK(check_basic(exchange.request, web.caller));
  TARN_CO_TRY(exchange.signature, wire::find_signature(exchange.request));
  if (exchange.signature) {
    exchange.route.region = exchange.signature->region;
    wrap_body(exchange);
  }
  auto content = co_await wire::read_all(*exchange.request.body, kContentLimit);
  if (!content.ok()) co_return std::move(content).error();
  exchange.content = std::move(content).value();
  if (exchange.signature) {
    TARN_CO_CHECK(check_signature(exchange));
    web.caller = exchange.caller;
  }
  web.content = std::move(exchange.content);
  co_return Status();
}

Task<Status> Chain::serve_web_room(Exchange& exchange, WebRoom& room, WebRequest web) {
  TARN_CO_CHECK(co_await sign_in_web(exchange, web));
  platform::Executor* home = platform::Executor::current();
  co_await platform::resume_on(platform_.tasks.control());
  Status done;
  try {
    auto response = co_await room.serve(std::move(web));
    if (response.ok()) {
      exchange.response = std::move(response).value();
    } else {
      done = std::move(response).error();
    }
  } catch (const std::exception& bug) {
    done = Error("InternalFailure", fmt::format("unexpected: {}", bug.what()), 500);
  }
  if (home != nullptr) co_await platform::resume_on(*home);
  co_return done;
}

}  // namespace tarn::gateway
