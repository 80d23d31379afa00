#include "tarn/generator_room.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "generator/functions.h"
#include "generator/moment_format.h"
#include "services/iam/session.h"

namespace tarn::app {

namespace {

using Json = nlohmann::json;

wire::Response answer_with(int status, const Json& content) {
  wire::Response out;
  out.status = status;
  out.headers.add("Content-Type", "application/json");
  out.content = content.dump(2) + "\n";
  return out;
}

Error method_not_allowed() {
  return {"MethodNotAllowed", "This method is not served here.", 405};
}

Error bad_member(std::string_view name, std::string_view what) {
  return {"BadRequest", fmt::format("'{}' is {}.", name, what), 400};
}

Status take_text(const Json& body, const char* name, std::string& out) {
  const auto found = body.find(name);
  if (found == body.end()) return {};
  if (!found->is_string()) return bad_member(name, "a text");
  out = found->get<std::string>();
  return {};
}

template <class Number>
Status take_number(const Json& body, const char* name, Number& out) {
  const auto found = body.find(name);
  if (found == body.end()) return {};
  const bool fits =
      std::is_floating_point_v<Number> ? found->is_number() : found->is_number_unsigned();
  if (!fits) return bad_member(name, "a number");
  out = found->get<Number>();
  return {};
}

Result<GeneratorOrder> order_of(const std::string& content, const std::string& sample) {
  const Json body = wire::parse_json(content);
  if (!body.is_object()) return Error("BadRequest", "The body is a JSON object.", 400);
  GeneratorOrder out;
  out.record_template = sample;
  TARN_CHECK(take_text(body, "stream", out.stream));
  TARN_CHECK(take_text(body, "template", out.record_template));
  TARN_CHECK(take_text(body, "partition_key", out.partition_key));
  TARN_CHECK(take_number(body, "rate", out.rate));
  TARN_CHECK(take_number(body, "count", out.count));
  auto seconds = static_cast<std::uint32_t>(out.duration.count());
  TARN_CHECK(take_number(body, "seconds", seconds));
  out.duration = std::chrono::seconds(seconds);
  if (body.contains("seed")) TARN_CHECK(take_number(body, "seed", out.seed.emplace()));
  std::string offset = "+00:00";
  TARN_CHECK(take_text(body, "utc_offset", offset));
  if (!generator::parse_utc_offset(offset, out.utc_offset_minutes))
    return bad_member("utc_offset", "an offset such as +01:00");
  return out;
}

bool may_see(const Caller& caller, const GeneratorRuns::Run& run) {
  const bool limited = caller.session && !caller.session->policies.empty();
  return caller.arn == run.caller.arn || (caller.kind == Caller::Kind::kRoot && !limited);
}

// Of a call in process, which has no HTTP status where AWS's is 400.
Error as_answer(Error error) {
  if (error.http_status == 0) error.http_status = error.is("AccessDeniedException") ? 403 : 400;
  return error;
}

}  // namespace

nlohmann::json GeneratorRoom::runs_of(const Caller& caller) const {
  Json out = Json::array();
  for (const GeneratorRuns::RunPointer& run : runs_.all()) {
    if (may_see(caller, *run)) out.push_back(to_json(*run));
  }
  return out;
}

Task<Result<wire::Response>> GeneratorRoom::begin(gateway::WebRequest request) {
  TARN_CO_TRY(GeneratorOrder order, order_of(request.content, sample_));
  auto run = co_await runs_.begin(std::move(request.caller), std::move(order));
  if (!run.ok()) co_return as_answer(std::move(run).error());
  co_return answer_with(201, to_json(**run));
}

Task<Result<wire::Response>> GeneratorRoom::serve(gateway::WebRequest request) {
  if (request.caller.kind == Caller::Kind::kAnonymous) {
    co_return Error("Unauthorized",
                    "Sign in with HTTP Basic: an access key id as user and its secret access key "
                    "as password (`tarn env` prints them).",
                    401);
  }
  const auto& path = request.path;
  if (path.empty()) {
    if (request.method != "GET") co_return method_not_allowed();
    co_return answer_with(200, {{"post_to", request.base + "/runs"},
                                {"sample",
                                 {{"stream", "emr-kinesis-stream"},
                                  {"rate", 100},
                                  {"seconds", 600},
                                  {"template", sample_}}},
                                {"functions", generator::function_names()},
                                {"runs", runs_of(request.caller)}});
  }
  if (path[0] != "runs" || path.size() > 2)
    co_return Error("NotFound", "Nothing is served here; runs are at /_tarn/generator/runs.", 404);
  if (path.size() == 1) {
    if (request.method == "POST") co_return co_await begin(std::move(request));
    if (request.method != "GET") co_return method_not_allowed();
    co_return answer_with(200, {{"runs", runs_of(request.caller)}});
  }
  int id = 0;
  const std::string& text = path[1];
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool is_number = failure == std::errc() && end == text.data() + text.size();
  const auto run = is_number ? runs_.find(id) : nullptr;
  if (!run || !may_see(request.caller, *run))
    co_return Error("NotFound", fmt::format("There is no run '{}' of yours.", text), 404);
  if (request.method == "GET") co_return answer_with(200, to_json(*run));
  if (request.method != "DELETE") co_return method_not_allowed();
  runs_.stop(*run);
  co_return answer_with(202, to_json(*run));
}

}  // namespace tarn::app
