#include "gateway/chain.h"

#include <exception>

#include <fmt/format.h>

#include "gateway/audit_log.h"
#include "gateway/exchange.h"
#include "platform/log.h"
#include "wire/cbor_codec.h"
#include "wire/checksum_headers.h"
#include "wire/encoding.h"
#include "wire/event_stream.h"
#include "wire/query_codec.h"
#include "wire/rest_codec.h"
#include "wire/xml_codec.h"

namespace tarn::gateway {
namespace {

constexpr std::string_view kCborType = "application/x-amz-cbor-1.1";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::size_t kFormLimit =
    4U << 20;  // a CloudFormation template is at most 1 MB, encoded at most thrice that
constexpr std::string_view kEventStreamType = "application/vnd.amazon.eventstream";

std::string to_cbor(const wire::Schema& schema, const void* data) {
  std::string out;
  // Never more than in JSON; without it an answer of megabytes is moved each time it has doubled.
  out.reserve(wire::json_size(schema, data));
  wire::append_cbor(schema, data, out);
  return out;
}

// The JSON protocol, in JSON or in CBOR, whole or as an event stream.
void encode_json(Exchange& exchange) {
  wire::EventFormat format{
      exchange.cbor ? std::string(kCborType)
                    : fmt::format("application/x-amz-json-{}", exchange.model()->json_version),
      exchange.cbor ? &to_cbor : &wire::to_json};
  const wire::Schema* const output = exchange.operation()->output;
  auto& response = exchange.response;
  if (output != nullptr && wire::find_events(*output) != nullptr) {
    response.headers.add("Content-Type", std::string(kEventStreamType));
    response.stream = wire::make_event_body(*output, exchange.output.data, std::move(format));
    return;
  }
  if (output != nullptr) response.content = format.write(*output, exchange.output.data.get());
  response.headers.add("Content-Type", std::move(format.content_type));
}

}  // namespace

Chain::Chain(platform::Platform platform, iam::Credentials& credentials,
             const iam::Authorizer& authorizer, ChainOptions options)
    : platform_(platform),
      credentials_(credentials),
      authorizer_(authorizer),
      options_(std::move(options)) {}

Chain::~Chain() = default;

void Chain::add(Service& service, const CrossOrigin* cross_origin) {
  if (cross_origin != nullptr) cross_origin_.emplace(&service, cross_origin);
  router_.add(service);
  for (const auto& action : service.actions()) {
    counters_.emplace(action.operation, std::make_unique<Counters>());
    if (action.operation->input != nullptr) validator_.prepare(*action.operation->input);
  }
}

void Chain::add_web(std::string prefix, WebRoom& room) {
  web_rooms_.emplace_back(std::move(prefix), &room);
}

void Chain::add_site(std::string path, WebRoom& room) {
  sites_.emplace_back(std::move(path), &room);
}

Task<wire::Response> Chain::serve(wire::Request& request, ConnectionState& state) {
  std::string request_id = platform_.random.uuid();
  WebRoom* site = request.door.empty() ? find_site(request) : nullptr;
  if (site != nullptr || !request.door.empty() || request.path.starts_with("/_tarn/") ||
      request.path == "/_tarn") {
    co_return co_await serve_web(request, state, request_id, site);
  }
  Exchange exchange{.request = request, .state = state};
  exchange.request_id = std::move(request_id);
  exchange.began = platform_.clock.monotonic();
  auto done = co_await run(exchange);
  if (!done.ok()) {
    bool is_bug = false;
    const Error error =
        to_public(std::move(done).error(), exchange.protocol, exchange.operation(), is_bug);
    if (is_bug) {
      spdlog::error("{} {}:{} failed: {}", exchange.request_id, exchange.route.service_name,
                    exchange.route.operation_name, error.message);
    }
    exchange.error_code = error.code;
    exchange.error_message = error.message;
    exchange.response =
        to_response(error, exchange.protocol, exchange.model(), exchange.request_id, exchange.cbor);
  }
  add_cross_origin(exchange);
  exchange.response.headers.add("x-amzn-RequestId", exchange.request_id);
  if (exchange.protocol == wire::Protocol::kRestXml)
    exchange.response.headers.add("x-amz-request-id", exchange.request_id);
  audit(exchange);
  co_return std::move(exchange.response);
}

// The list of steps. A step that fails ends the request; the error is worded once, in serve().
Task<Status> Chain::run(Exchange& exchange) {
  TARN_CO_CHECK(co_await read_form(exchange));
  TARN_CO_CHECK(route(exchange));
  if (exchange.request.method == "OPTIONS") co_return answer_preflight(exchange);
  TARN_CO_CHECK(check_route(exchange));
  if (!exchange.operation()->streaming_input && !exchange.content_read) {
    wrap_body(exchange);
    auto content = co_await wire::read_all(*exchange.request.body, exchange.model()->body_limit);
    if (!content.ok()) co_return std::move(content).error();
    exchange.content = std::move(content).value();
    exchange.content_read = true;
    TARN_CO_CHECK(check_signature(exchange));
    if (exchange.protocol == wire::Protocol::kRestXml) {
      TARN_CO_CHECK(
          wire::check_declared_checksums(exchange.operation()->input, exchange.request.headers,
                                         exchange.request.body->trailers(), exchange.content));
    }
  } else {
    TARN_CO_CHECK(check_signature(exchange));
    wrap_body(exchange);
  }
  TARN_CO_CHECK(co_await decode(exchange));
  TARN_CO_CHECK(validate(exchange));
  TARN_CO_CHECK(authorize(exchange));
  TARN_CO_CHECK(co_await handle(exchange));
  encode(exchange);
  co_return Status();
}

// The query protocol names its action in the body, which must be read before the request can be
// routed.
Task<Status> Chain::read_form(Exchange& exchange) const {
  auto& request = exchange.request;
  exchange.protocol = guess_protocol(request);
  // The query protocol is POST /; an object that is put under this type is no form.
  if (request.method != "POST" || request.path != "/") co_return Status();
  if (!request.headers.get("content-type").starts_with(kFormType)) co_return Status();
  auto content = co_await wire::read_all(*request.body, kFormLimit);
  if (!content.ok()) co_return std::move(content).error();
  exchange.content = std::move(content).value();
  exchange.content_read = true;
  exchange.form = wire::parse_query(exchange.content, true);
  co_return Status();
}

Status Chain::route(Exchange& exchange) const {
  auto& request = exchange.request;
  // A preflight may carry the query of a presigned URL, but is not signed itself.
  if (request.method != "OPTIONS") {
    TARN_TRY(exchange.signature, wire::find_signature(request));
  }
  exchange.route = router_.find(request, exchange.signature, exchange.form);
  return {};
}

// Browsers do not sign a preflight (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
Status Chain::answer_preflight(Exchange& exchange) const {
  const CrossOrigin* rules = cross_origin_of(exchange);
  if (rules == nullptr) return check_route(exchange);
  TARN_TRY(exchange.response.headers, rules->preflight(exchange.request, exchange.route.path));
  return {};
}

const CrossOrigin* Chain::cross_origin_of(const Exchange& exchange) const {
  const auto found = cross_origin_.find(exchange.route.service);
  return found == cross_origin_.end() ? nullptr : found->second;
}

void Chain::add_cross_origin(Exchange& exchange) const {
  const wire::Request& request = exchange.request;
  if (request.method == "OPTIONS" || !request.headers.has("origin")) return;
  const CrossOrigin* rules = cross_origin_of(exchange);
  if (rules == nullptr) return;
  const wire::Headers extra = rules->answer(request, exchange.route.path);
  for (const auto& [name, value] : extra.fields()) exchange.response.headers.add(name, value);
}

// Refuses by its name what is not here.
Status Chain::check_route(Exchange& exchange) {
  auto& request = exchange.request;
  const Route& route = exchange.route;
  if (route.service == nullptr) {
    return fault(Fault::kNotImplemented, exchange.protocol,
                 fmt::format("The service '{}'{}{} is not implemented by this version of tarn. "
                             "`tarn status` lists what is.",
                             route.service_name, route.operation_name.empty() ? "" : ", action ",
                             route.operation_name));
  }
  const auto& model = *exchange.model();
  exchange.protocol = model.protocol;
  const std::string_view type = request.headers.get("content-type");
  exchange.cbor = model.accepts_cbor && type.starts_with(kCborType);
  if (type.starts_with(kCborType) && !model.accepts_cbor) {
    return Error("SerializationException",
                 fmt::format("{} takes application/x-amz-json-{}, not CBOR.", model.name,
                             model.json_version),
                 400);
  }
  if (route.action != nullptr) return {};
  if (route.known) {
    return fault(
        Fault::kNotImplemented, model.protocol,
        fmt::format(
            "{}:{} is not implemented by this version of tarn (see docs/compatibility/{}.md).",
            model.name, route.operation_name, model.name));
  }
  if (model.protocol == wire::Protocol::kRestXml) {
    return fault(Fault::kUnknownOperation, model.protocol,
                 "The specified method is not allowed against this resource.");
  }
  return fault(Fault::kUnknownOperation, model.protocol,
               fmt::format("Could not find operation '{}' for version {}.", route.operation_name,
                           model.api_version));
}

Task<Status> Chain::decode(Exchange& exchange) const {
  const auto& operation = *exchange.operation();
  exchange.input = exchange.route.action->make_input();
  if (operation.input == nullptr) co_return Status();
  void* out = exchange.input.data.get();
  switch (exchange.protocol) {
    case wire::Protocol::kRestXml:
      co_return wire::from_rest_xml(*operation.input, exchange.route.labels, exchange.request,
                                    std::move(exchange.content), out);
    case wire::Protocol::kRestJson:
      co_return wire::from_rest_json(*operation.input, exchange.route.labels, exchange.request,
                                     std::move(exchange.content), out);
    case wire::Protocol::kQuery: co_return wire::from_form(*operation.input, exchange.form, out);
    case wire::Protocol::kEc2:
      co_return wire::from_form(*operation.input, exchange.form, out, wire::FormStyle::kEc2);
    case wire::Protocol::kJson:
      if (exchange.cbor) co_return wire::from_cbor(*operation.input, exchange.content, out);
      co_return exchange.state.json.read(*operation.input, exchange.content, out);
  }
  co_return Status();
}

Status Chain::validate(const Exchange& exchange) const {
  const auto* schema = exchange.operation()->input;
  return schema == nullptr ? Status() : validator_.check(*schema, exchange.input.data.get());
}

Status Chain::authorize(Exchange& exchange) const {
  const auto& operation = *exchange.operation();
  exchange.resource = iam::resource_of(operation, exchange.caller, exchange.input.data.get());
  const iam::Call call{exchange.caller, operation, exchange.input.data.get(),
                       &exchange.request.headers};
  auto allowed = authorizer_.authorize(call);
  if (allowed.ok()) {
    exchange.caller.allowed_by_policy = allowed->ground == iam::Ground::kPolicy;
    exchange.caller.refused_items = std::move(allowed->refused_items);
    return {};
  }
  const Fault kind = exchange.caller.kind == Caller::Kind::kAnonymous ? Fault::kMissingSignature
                                                                      : Fault::kAccessDenied;
  return fault(kind, exchange.protocol, std::move(allowed.error().message));
}

Task<Status> Chain::handle(Exchange& exchange) const {
  platform::Executor* home = platform::Executor::current();
  const bool control = exchange.operation()->plane == wire::Plane::kControl;
  if (control) co_await platform::resume_on(platform_.tasks.control());
  Status done;
  try {
    auto output = co_await exchange.route.action->invoke(
        exchange.route.service->room(), exchange.caller, std::move(exchange.input));
    if (output.ok()) {
      exchange.output = std::move(output).value();
    } else {
      done = std::move(output).error();
    }
  } catch (const std::exception& bug) {
    // The one boundary: an exception below is a bug, which must not take the server with it.
    done = Error("InternalFailure", fmt::format("unexpected: {}", bug.what()));
  }
  if (control && home != nullptr) co_await platform::resume_on(*home);
  co_return done;
}

void Chain::encode(Exchange& exchange) const {
  const auto& operation = *exchange.operation();
  const auto& model = *exchange.model();
  auto& response = exchange.response;
  const void* output = exchange.output.data.get();
  switch (exchange.protocol) {
    case wire::Protocol::kRestJson: return wire::to_rest_json(operation, output, response);
    case wire::Protocol::kRestXml:
      return wire::to_rest_xml(operation, model.xml_namespace, output, response);
    case wire::Protocol::kEc2:
      response.headers.add("Content-Type", "text/xml");
      response.content = fmt::format("<{}Response xmlns=\"{}\"><requestId>{}</requestId>",
                                     operation.name, model.xml_namespace, exchange.request_id);
      if (operation.output != nullptr)
        wire::append_xml_members(*operation.output, output, response.content);
      response.content += fmt::format("</{}Response>", operation.name);
      return;
    case wire::Protocol::kQuery: {
      response.headers.add("Content-Type", "text/xml");
      response.content =
          fmt::format("<{}Response xmlns=\"{}\">", operation.name, model.xml_namespace);
      if (operation.output != nullptr) {
        wire::append_xml_element(*operation.output, output, operation.result_wrapper, {},
                                 response.content);
      }
      response.content +=
          fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>",
                      exchange.request_id, operation.name);
      return;
    }
    case wire::Protocol::kJson: return encode_json(exchange);
  }
}

void Chain::audit(const Exchange& exchange) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      platform_.clock.monotonic() - exchange.began);
  const auto found = counters_.find(exchange.operation());
  if (found != counters_.end()) {
    Counters& counters = *found->second;
    counters.requests.fetch_add(1, std::memory_order_relaxed);
    counters.microseconds.fetch_add(static_cast<std::uint64_t>(took.count()),
                                    std::memory_order_relaxed);
    if (exchange.response.status >= 500)
      counters.server_errors.fetch_add(1, std::memory_order_relaxed);
    if (exchange.response.status >= 400 && exchange.response.status < 500)
      counters.client_errors.fetch_add(1, std::memory_order_relaxed);
  }
  tell_audit_log(exchange);
  const bool data_plane =
      exchange.operation() != nullptr && exchange.operation()->plane == wire::Plane::kData;
  const auto level = exchange.response.status >= 500 ? spdlog::level::warn
                     : data_plane                    ? spdlog::level::debug
                                                     : spdlog::level::info;
  if (!spdlog::should_log(level)) return;
  spdlog::log(level, "{} {} {}:{} {} -> {} {} in {} us", exchange.request_id,
              exchange.caller.access_key_id.empty() ? "-" : exchange.caller.access_key_id,
              exchange.route.service_name,
              exchange.route.operation_name.empty()
                  ? std::string_view(exchange.request.path)
                  : std::string_view(exchange.route.operation_name),
              exchange.resource.empty() ? "-" : exchange.resource, exchange.response.status,
              exchange.error_code, took.count());
}

void Chain::tell_audit_log(const Exchange& exchange) const {
  const wire::Operation* operation = exchange.operation();
  if (audit_log_ == nullptr || operation == nullptr) return;
  if (!is_audited(*operation, exchange.caller, exchange.error_code)) return;
  AuditedCall call;
  call.caller = exchange.caller;
  call.caller.request_id = exchange.request_id;
  call.event_source = fmt::format("{}.amazonaws.com", exchange.model()->endpoint_prefix);
  call.event_name = operation->name;
  call.resource = exchange.resource;
  call.user_agent = exchange.request.headers.get("user-agent");
  call.error_code = exchange.error_code;
  call.error_message = exchange.error_message;
  call.is_management = operation->plane == wire::Plane::kControl;
  audit_log_->record(std::move(call));
}

std::string Chain::metrics() const {
  std::string out = "# TYPE tarn_requests_total counter\n";
  for (const auto& [operation, counters] : counters_) {
    const std::uint64_t requests = counters->requests.load(std::memory_order_relaxed);
    if (requests == 0) continue;
    const std::string labels =
        fmt::format("{{service=\"{}\",action=\"{}\"}}", operation->service, operation->name);
    out += fmt::format("tarn_requests_total{} {}\n", labels, requests);
    out += fmt::format("tarn_client_errors_total{} {}\n", labels,
                       counters->client_errors.load(std::memory_order_relaxed));
    out += fmt::format("tarn_server_errors_total{} {}\n", labels,
                       counters->server_errors.load(std::memory_order_relaxed));
    out += fmt::format(
        "tarn_request_seconds_total{} {:.6f}\n", labels,
        static_cast<double>(counters->microseconds.load(std::memory_order_relaxed)) / 1e6);
  }
  return out;
}

}  // namespace tarn::gateway
