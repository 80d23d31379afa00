#include "gateway/in_process.h"

#include <fmt/format.h>

#include "gateway/audit_log.h"
#include "wire/json_codec.h"
#include "wire/json_value.h"

namespace tarn::gateway {
namespace {

using nlohmann::json;
using wire::Kind;

// Numbers and truths as texts, and texts as those: as the schema wants them, where they can be read
// so. What cannot is left for the codec to refuse.
void fit_scalar(Kind kind, json& value) {
  if (kind == Kind::kString && (value.is_number() || value.is_boolean())) {
    value = value.dump();
    return;
  }
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  const bool is_truth = text == "true" || text == "false";
  const bool wants_number = kind == Kind::kInteger || kind == Kind::kLong || kind == Kind::kFloat ||
                            kind == Kind::kDouble;
  if (kind == Kind::kBoolean ? !is_truth : !wants_number) return;
  json read = wire::parse_json(text);
  if (read.is_boolean() || read.is_number()) value = std::move(read);
}

void fit(const wire::Schema& schema, json& value) {
  if (schema.kind == Kind::kStructure && value.is_object()) {
    for (const wire::Member& member : schema.members) {
      const auto found = value.find(member.wire_name);
      if (found != value.end() && member.schema != nullptr) fit(*member.schema, *found);
    }
  } else if ((schema.kind == Kind::kList && value.is_array()) ||
             (schema.kind == Kind::kMap && value.is_object())) {
    for (json& each : value) fit(*schema.element, each);
  } else {
    fit_scalar(schema.kind, value);
  }
}

}  // namespace

void InProcess::add(Service& service) {
  for (const Action& action : service.actions()) {
    actions_.emplace(fmt::format("{}:{}", service.model().name, action.operation->name),
                     Target{&service, &action});
    if (action.operation->input != nullptr) validator_.prepare(*action.operation->input);
  }
}

Task<Result<nlohmann::json>> InProcess::call(std::string action, Caller caller,
                                             nlohmann::json input) const {
  const auto found = actions_.find(action);
  if (found == actions_.end())
    co_return Error("NotImplemented", fmt::format("{} is not implemented by tarn.", action), 501);
  const Target target = found->second;
  Caller copy = caller;
  std::string resource;
  auto done = co_await run(target, std::move(copy), std::move(input), resource);
  tell_audit_log(target, caller, std::move(resource), done.ok() ? nullptr : &done.error());
  co_return done;
}

void InProcess::tell_audit_log(const Target& target, const Caller& caller, std::string resource,
                               const Error* error) const {
  const wire::Operation& operation = *target.action->operation;
  const std::string_view code = error == nullptr ? std::string_view() : error->code;
  if (audit_log_ == nullptr || !is_audited(operation, caller, code)) return;
  AuditedCall call;
  call.caller = caller;
  call.event_source = fmt::format("{}.amazonaws.com", target.service->model().endpoint_prefix);
  call.event_name = operation.name;
  call.resource = std::move(resource);
  call.error_code = code;
  if (error != nullptr) call.error_message = error->message;
  call.is_management = operation.plane == wire::Plane::kControl;
  audit_log_->record(std::move(call));
}

Task<Result<nlohmann::json>> InProcess::run(Target target, Caller caller, nlohmann::json input,
                                            std::string& resource) const {
  const wire::Operation& operation = *target.action->operation;
  wire::AnyShape shape = target.action->make_input();
  if (operation.input != nullptr) {
    fit(*operation.input, input);
    // A program's words, such as a function's log, may be no UTF-8.
    const std::string text = input.dump(-1, ' ', false, json::error_handler_t::replace);
    TARN_CO_CHECK(wire::from_json(*operation.input, text, shape.data.get()));
    TARN_CO_CHECK(validator_.check(*operation.input, shape.data.get()));
  }
  resource = iam::resource_of(operation, caller, shape.data.get());
  auto grant = authorizer_.authorize({caller, operation, shape.data.get(), nullptr});
  if (!grant.ok()) co_return std::move(grant).error();
  caller.allowed_by_policy = grant->ground == iam::Ground::kPolicy;
  caller.refused_items = std::move(grant->refused_items);
  auto output = co_await target.action->invoke(target.service->room(), caller, std::move(shape));
  if (!output.ok()) co_return std::move(output).error();
  if (operation.output == nullptr) co_return nlohmann::json::object();
  co_return wire::parse_json(wire::to_json(*operation.output, output->data.get()));
}

}  // namespace tarn::gateway
