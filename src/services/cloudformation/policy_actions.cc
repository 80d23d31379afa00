// Stack policies: set, and told.
#include "services/cloudformation/policy_actions.h"

#include <utility>

#include "services/cloudformation/request.h"
#include "services/cloudformation/stack_policy.h"

namespace tarn::cloudformation {

Task<Result<std::string>> read_policy(const CloudFormation& room, Caller caller,
                                      std::optional<std::string> body,
                                      std::optional<std::string> url) {
  if (body && url) {
    co_return tarn::Error("ValidationError",
                          "You cannot specify both StackPolicyURL and StackPolicyBody", 400);
  }
  std::string text = body.value_or("");
  if (url) {
    std::optional<std::string> none;
    TARN_CO_TRY(text, co_await room.source.read(caller, std::move(none), std::move(url)));
  }
  TARN_CO_TRY(const StackPolicy checked, StackPolicy::parse(text));
  co_return text;
}

Task<Result<wire::Unit>> handle(SetStackPolicy, CloudFormation& room, const Caller& caller,
                                SetStackPolicyInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  TARN_CO_TRY(std::string policy,
              co_await read_policy(room, caller, std::move(input.stack_policy_body),
                                   std::move(input.stack_policy_url)));
  TARN_CO_CHECK(co_await room.stacks.set_policy(stack, std::move(policy)));
  co_return wire::Unit();
}

Task<Result<GetStackPolicyOutput>> handle(GetStackPolicy, CloudFormation& room,
                                          const Caller& caller, GetStackPolicyInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  GetStackPolicyOutput out;
  out.stack_policy_body = if_any(stack->policy);
  co_return out;
}

}  // namespace tarn::cloudformation
