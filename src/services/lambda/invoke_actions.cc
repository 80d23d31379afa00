// Invoke.
#include <utility>

#include "services/lambda/actions.h"
#include "services/lambda/request.h"
#include "wire/encoding.h"

namespace tarn::lambda {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t kMostEventBytes = std::size_t{1} << 20;
constexpr std::size_t kTailBytes = 4096;  // of the log, with LogType Tail

Status check_payload(const std::string& payload, std::size_t most) {
  if (payload.size() > most) {
    return Error("RequestTooLargeException",
                 "Request must be smaller than " + std::to_string(most) +
                     " bytes for the InvokeFunction operation",
                 413);
  }
  if (payload.empty() || Json::accept(payload)) return {};
  return Error("InvalidRequestContentException",
               "Could not parse request body into json: the payload is no JSON.", 400);
}

std::string client_context_of(const InvocationRequest& input) {
  if (!input.client_context) return {};
  return wire::from_base64(*input.client_context).value_or("");
}

Task<Result<InvocationResponse>> answer_now(Lambda& lambda, Target target, Call call, bool tail) {
  const std::string request_id = call.request_id;
  Target called = target;
  TARN_CO_TRY(ExecutionEnvironments::Outcome outcome,
              co_await lambda.invocations.run(std::move(called), std::move(call)));
  InvocationResponse out;
  out.status_code = 200;
  out.executed_version = target.version.name;
  if (outcome.answer.failed) out.function_error = "Unhandled";
  if (tail) {
    std::string log = log_text(target, outcome, request_id);
    if (log.size() > kTailBytes) log.erase(0, log.size() - kTailBytes);
    out.log_result = wire::to_base64(log);
  }
  out.payload = std::move(outcome.answer.payload);
  co_return out;
}

}  // namespace

Task<Result<InvocationResponse>> handle(Invoke, Lambda& lambda, const Caller& caller,
                                        InvocationRequest input) {
  TARN_CO_TRY(Target target, find_called(lambda, caller, input.function_name, input.qualifier));
  const std::string type = input.invocation_type.value_or("RequestResponse");
  InvocationResponse out;
  if (type == "DryRun") {
    out.status_code = 204;
    co_return out;
  }
  const bool is_event = type == "Event";
  Call call{caller.request_id, target.arn, input.payload.value_or(""), client_context_of(input)};
  if (call.request_id.empty()) call.request_id = lambda.platform.random.uuid();
  TARN_CO_CHECK(check_payload(call.payload, is_event ? kMostEventBytes : kMostPayloadBytes));
  if (!is_event) {
    const bool tail = input.log_type.value_or("None") == "Tail";
    co_return co_await answer_now(lambda, std::move(target), std::move(call), tail);
  }
  TARN_CO_TRY(FunctionName name, parse_name(caller, input.function_name, input.qualifier));
  TARN_CO_CHECK(co_await lambda.invocations.queue(std::move(target), std::move(name.qualifier),
                                                  std::move(call)));
  out.status_code = 202;
  co_return out;
}

}  // namespace tarn::lambda
