#include "services/livy/room.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/iam/session.h"

namespace tarn::livy {

namespace {

using gateway::WebRequest;
using wire::Response;

constexpr std::uint64_t kShortLogBytes = 16384;
constexpr std::size_t kShortLogLines = 10;
constexpr int kMaxHeartbeatTimeout = 86400;

Error bad_request(std::string text) {
  return {"BadRequest", std::move(text), 400};
}
Error not_implemented(std::string_view what) {
  return {"NotImplemented", fmt::format("{} is not implemented by tarn.", what), 501};
}
Error not_allowed(const WebRequest& request) {
  return {"MethodNotAllowed", fmt::format("{} is not a method of this path.", request.method), 405};
}

Response reply(int status, const Json& body) {
  Response out;
  out.status = status;
  out.headers.add("Content-Type", "application/json");
  out.content = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return out;
}

std::optional<int> to_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// A query parameter that is a number; `fallback` where absent, an error where it is none.
Result<int> query_number(const WebRequest& request, std::string_view name, int fallback) {
  for (const auto& [key, value] : request.query) {
    if (key != name) continue;
    const auto number = to_number(value);
    if (!number) return bad_request(fmt::format("{} is not a number: '{}'.", name, value));
    return *number;
  }
  return fallback;
}

Result<Json> read_object(const WebRequest& request) {
  const std::string_view text = request.content.empty() ? "{}" : std::string_view(request.content);
  Json body = wire::parse_json(text);
  if (body.is_discarded()) return bad_request("The body is not JSON.");
  if (!body.is_object()) return bad_request("The body is not a JSON object.");
  return body;
}

// A member that is a text; empty where absent or null.
Result<std::string> text_member(const Json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return std::string();
  if (!found->is_string()) return bad_request(fmt::format("{} is not a text.", name));
  return found->get<std::string>();
}

// Kinds that tarn runs; the others of Livy are refused by name
// (https://livy.apache.org/docs/latest/rest-api.html#session-kind).
Result<std::string> known_kind(std::string kind) {
  if (kind == "pyspark3") return std::string("pyspark");
  if (kind == "pyspark" || kind == "sql") return kind;
  if (kind == "spark" || kind == "sparkr") {
    return Error("NotImplemented",
                 fmt::format("Kind '{}' ({}) is not implemented by tarn; 'pyspark' and 'sql' are.",
                             kind, kind == "spark" ? "Scala" : "R"),
                 400);
  }
  return bad_request(fmt::format("Unknown kind '{}'; 'pyspark' and 'sql' are known.", kind));
}

// Of POST /sessions, in Livy 0.7 to 0.9 (https://livy.apache.org/docs/latest/rest-api.html).
constexpr std::array<std::string_view, 17> kSessionFields = {
    "kind",         "proxyUser",    "jars",        "pyFiles",        "files",
    "archives",     "driverMemory", "driverCores", "executorMemory", "executorCores",
    "numExecutors", "queue",        "name",        "conf",           "heartbeatTimeoutInSecond",
    "ttl",          "idleTimeout"};

// A field that nobody reads would be a setting that silently does not hold.
Status known_fields(const Json& body) {
  for (const auto& [field, value] : body.items()) {
    if (std::find(kSessionFields.begin(), kSessionFields.end(), field) != kSessionFields.end())
      continue;
    if (field.starts_with("spark.")) {
      return bad_request(fmt::format(
          "'{0}' is a key of Spark's configuration; write {{\"conf\": {{\"{0}\": …}}}}.", field));
    }
    return bad_request(fmt::format("Unknown field '{}'; a session has: {}.", field,
                                   fmt::join(kSessionFields, ", ")));
  }
  return {};
}

Result<SessionRequest> read_session_request(const WebRequest& request) {
  SessionRequest out;
  TARN_TRY(out.body, read_object(request));
  TARN_CHECK(known_fields(out.body));
  TARN_TRY(std::string kind, text_member(out.body, "kind"));
  TARN_TRY(out.kind, known_kind(kind.empty() || kind == "shared" ? "pyspark" : std::move(kind)));
  TARN_TRY(out.name, text_member(out.body, "name"));
  TARN_TRY(out.proxy_user, text_member(out.body, "proxyUser"));
  const auto conf = out.body.find("conf");
  if (conf != out.body.end() && !conf->is_object() && !conf->is_null()) {
    return bad_request("conf is not an object of Spark keys and values.");
  }
  const auto timeout = out.body.find("heartbeatTimeoutInSecond");
  if (timeout != out.body.end() && !timeout->is_null()) {
    if (!timeout->is_number_integer() || timeout->get<std::int64_t>() < 0 ||
        timeout->get<std::int64_t>() > kMaxHeartbeatTimeout) {
      return bad_request(fmt::format("heartbeatTimeoutInSecond is a number from 0 (none) to {}.",
                                     kMaxHeartbeatTimeout));
    }
    out.heartbeat_timeout = std::chrono::seconds(timeout->get<std::int64_t>());
  }
  return out;
}

Json describe_statement(const Statement& statement) {
  return {{"id", statement.id},
          {"code", statement.code},
          {"state", name_of(statement.state)},
          {"output", statement.output},
          {"progress", statement.progress},
          {"started", statement.started.ms},
          {"completed", statement.completed.ms}};
}

std::string address_of(const WebRequest& request) {
  return request.caller.host.empty() ? "" : request.caller.host + request.base;
}

Json null_where_empty(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

// `address` of the room as the client knows it, "127.0.0.1:4566/_tarn/livy"; empty: unknown.
Json describe_session(const Session& session, const std::string& address,
                      std::vector<std::string> lines) {
  if (lines.size() > kShortLogLines) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kShortLogLines));
  }
  const Driver& driver = *session.driver();
  const SessionState state = session.state();
  if (state == SessionState::kDead) lines.push_back("tarn: " + driver.reason());
  const std::string log_url =
      address.empty() ? "" : fmt::format("http://{}/sessions/{}/log", address, session.id());
  Json info = {{"driverLogUrl", null_where_empty(log_url)},
               {"sparkUiUrl", null_where_empty(driver.spark_ui_url())}};
  return {{"id", session.id()},
          {"name", null_where_empty(session.request().name)},
          {"appId", null_where_empty(driver.app_id())},
          {"appInfo", std::move(info)},
          {"owner", session.request().owner},
          {"proxyUser", null_where_empty(session.request().proxy_user)},
          {"state", name_of(state)},
          {"kind", session.request().kind},
          {"heartbeatTimeoutInSecond", session.request().heartbeat_timeout.count()},
          {"log", std::move(lines)}};
}

}  // namespace

Task<Result<Response>> LivyRoom::serve(WebRequest request) {
  if (request.caller.kind == Caller::Kind::kAnonymous) {
    co_return Error("Unauthorized",
                    "Sign in with HTTP Basic: an access key id as user and its secret access key "
                    "as password (`tarn env` prints them).",
                    401);
  }
  // A session runs any code as the server's own user, which no session policy could guard.
  if (request.caller.session && !request.caller.session->policies.empty()) {
    co_return Error("AccessDenied",
                    "Keys with a session policy open no notebook sessions: sign in with the keys "
                    "that `tarn env` prints.",
                    403);
  }
  const std::string room = request.path.empty() ? "" : request.path.front();
  if (room == "batches") co_return not_implemented("Livy's /batches");
  if (room != "sessions") {
    co_return Error(
        "NotFound",
        fmt::format("Nothing is served here; sessions are at {}/sessions.", request.base), 404);
  }
  co_return co_await serve_sessions(std::move(request));
}

Task<Result<Response>> LivyRoom::serve_sessions(WebRequest request) {
  if (request.path.size() > 1) {
    const auto id = to_number(request.path[1]);
    if (!id) co_return bad_request(fmt::format("'{}' is not a session's number.", request.path[1]));
    auto session = sessions_.find(*id);
    if (!session.ok()) co_return std::move(session).error();
    (*session)->touch();
    co_return co_await serve_session(std::move(request), std::move(session).value());
  }
  if (request.method == "POST") co_return co_await create(std::move(request));
  if (request.method != "GET") co_return not_allowed(request);
  TARN_CO_TRY(const int from, query_number(request, "from", 0));
  TARN_CO_TRY(const int size, query_number(request, "size", 100));
  const auto all = sessions_.list();
  const std::string address = address_of(request);
  Json described = Json::array();
  for (std::size_t i = static_cast<std::size_t>(from); i < all.size(); ++i) {
    if (described.size() >= static_cast<std::size_t>(size)) break;
    described.push_back(co_await describe(all[i], address));
  }
  Json body = {{"from", from}, {"total", all.size()}};
  body["sessions"] = std::move(described);
  co_return reply(200, body);
}

Task<Result<Response>> LivyRoom::create(WebRequest request) {
  auto asked = read_session_request(request);
  if (!asked.ok()) co_return std::move(asked).error();
  auto session = co_await sessions_.create(std::move(asked).value(), request.caller);
  if (!session.ok()) co_return std::move(session).error();
  const std::string address = address_of(request);
  const Json described = co_await describe(*session, address);
  Response out = reply(201, described);
  out.headers.add("Location", fmt::format("/sessions/{}", (*session)->id()));
  co_return out;
}

Task<Result<Response>> LivyRoom::serve_session(WebRequest request,
                                               std::shared_ptr<Session> session) {
  const std::string part = request.path.size() > 2 ? request.path[2] : "";
  if (part == "statements") co_return serve_statements(request, *session);
  if (part == "log" && request.method == "GET") {
    co_return co_await log(std::move(request), std::move(session));
  }
  if (part == "state" && request.method == "GET") {
    const Json body = {{"id", session->id()}, {"state", name_of(session->state())}};
    co_return reply(200, body);
  }
  if (part == "completion") co_return not_implemented("Livy's /sessions/{id}/completion");
  if (!part.empty()) {
    co_return Error("NotFound", fmt::format("A session has no '{}'.", part), 404);
  }
  if (request.method == "DELETE") {
    co_await sessions_.remove(session, "it was deleted");
    const Json body = {{"msg", "deleted"}};
    co_return reply(200, body);
  }
  if (request.method != "GET") co_return not_allowed(request);
  const std::string address = address_of(request);
  const Json described = co_await describe(session, address);
  co_return reply(200, described);
}

Result<Response> LivyRoom::serve_statements(const WebRequest& request, Session& session) {
  if (request.path.size() > 3) return serve_statement(request, session);
  if (request.method == "POST") {
    TARN_TRY(const Json body, read_object(request));
    if (!body.contains("code") || !body["code"].is_string()) {
      return bad_request("code is required: the text of the statement.");
    }
    TARN_TRY(std::string kind, text_member(body, "kind"));
    if (!kind.empty()) {
      TARN_TRY(kind, known_kind(std::move(kind)));
    }
    TARN_TRY(const Statement* added,
             session.add_statement(body["code"].get<std::string>(), std::move(kind)));
    Response out = reply(201, describe_statement(*added));
    out.headers.add("Location", fmt::format("/sessions/{}/statements/{}", session.id(), added->id));
    return out;
  }
  if (request.method != "GET") return not_allowed(request);
  Json statements = Json::array();
  for (const Statement& statement : session.statements()) {
    statements.push_back(describe_statement(statement));
  }
  Json body = {{"total_statements", session.statements_total()}};
  body["statements"] = std::move(statements);
  return reply(200, body);
}

Result<Response> LivyRoom::serve_statement(const WebRequest& request, Session& session) {
  const auto id = to_number(request.path[3]);
  Statement* statement = id ? session.find_statement(*id) : nullptr;
  if (statement == nullptr) {
    return Error("NotFound",
                 fmt::format("Session '{}' has no statement '{}', or keeps it no more.",
                             session.id(), request.path[3]),
                 404);
  }
  const std::string part = request.path.size() > 4 ? request.path[4] : "";
  if (part == "cancel" && request.method == "POST") {
    session.cancel(*statement);
    return reply(200, {{"msg", "canceled"}});
  }
  if (!part.empty() || request.method != "GET") return not_allowed(request);
  return reply(200, describe_statement(*statement));
}

Task<Json> LivyRoom::describe(std::shared_ptr<Session> session, std::string address) {
  const std::vector<std::string> lines = co_await sessions_.read_log(session, kShortLogBytes);
  co_return describe_session(*session, address, lines);
}

Task<Result<Response>> LivyRoom::log(WebRequest request, std::shared_ptr<Session> session) {
  std::vector<std::string> lines = co_await sessions_.read_log(session, std::uint64_t{1} << 20);
  if (session->state() == SessionState::kDead) {
    lines.push_back("tarn: " + session->driver()->reason());
  }
  const int total = static_cast<int>(lines.size());
  // Without `from` the newest lines, as Livy has it; without `size` all that are kept.
  TARN_CO_TRY(const int size, query_number(request, "size", total));
  TARN_CO_TRY(const int asked, query_number(request, "from", std::max(0, total - size)));
  const int from = std::min(asked, total);
  const int to = from + std::min(size, total - from);
  Json body = {{"id", session->id()}, {"from", from}, {"total", total}};
  body["log"] = std::vector<std::string>(lines.begin() + from, lines.begin() + to);
  co_return reply(200, body);
}

}  // namespace tarn::livy
