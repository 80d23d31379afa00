// Stacks: updated, and rolled back.
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/policy_actions.h"
#include "services/cloudformation/request.h"
#include "services/cloudformation/stack_actions.h"

namespace tarn::cloudformation {
namespace {

Status refuse_what_is_not_here(const UpdateStackInput& input) {
  if (input.rollback_configuration) return not_offered("UpdateStack", "RollbackConfiguration");
  if (input.resource_types) return not_offered("UpdateStack", "ResourceTypes");
  if (input.deployment_config) return not_offered("UpdateStack", "DeploymentConfig");
  return {};
}

}  // namespace

Task<Result<UpdateStackOutput>> handle(UpdateStack, CloudFormation& room, const Caller& caller,
                                       UpdateStackInput input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  StackChange change;
  change.target = static_cast<const StackState&>(*stack);
  TARN_CO_TRY(change.target.parameters, texts_of(input.parameters, stack.get()));
  if (!input.use_previous_template.value_or(false)) {
    TARN_CO_TRY(change.target.text,
                co_await room.source.read(caller, std::move(input.template_body),
                                          std::move(input.template_url)));
  } else if (!input.template_body && !input.template_url) {
    // Its macros work it over anew: parameters may be others.
    change.target.text = given_template(*stack);
  } else {
    co_return tarn::Error("ValidationError",
                          "UsePreviousTemplate and a template exclude one another.", 400);
  }
  if (input.tags) {
    TARN_CO_TRY(change.target.tags, tags_of(*input.tags));
  }
  change.target.capabilities.clear();
  if (input.capabilities) change.target.capabilities = std::move(*input.capabilities);
  if (input.notification_ar_ns)
    change.target.notification_arns = std::move(*input.notification_ar_ns);
  change.role_arn = std::move(input.role_arn);
  change.deletes_new = input.retain_except_on_create.value_or(false);
  TARN_CO_TRY(change.policy, co_await read_policy(room, caller, std::move(input.stack_policy_body),
                                                  std::move(input.stack_policy_url)));
  TARN_CO_TRY(change.policy_during,
              co_await read_policy(room, caller, std::move(input.stack_policy_during_update_body),
                                   std::move(input.stack_policy_during_update_url)));
  change.keeps_failure = input.disable_rollback.value_or(false);
  change.token = input.client_request_token.value_or("");
  TARN_CO_CHECK(co_await room.stacks.update(caller, stack, std::move(change), true));
  UpdateStackOutput out;
  out.stack_id = stack->id;
  co_return out;
}

Task<Result<wire::Unit>> handle(CancelUpdateStack, CloudFormation& room, const Caller& caller,
                                CancelUpdateStackInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  TARN_CO_CHECK(co_await room.stacks.cancel(stack));
  co_return wire::Unit();
}

Task<Result<ContinueUpdateRollbackOutput>> handle(ContinueUpdateRollback, CloudFormation& room,
                                                  const Caller& caller,
                                                  ContinueUpdateRollbackInput input) {
  if (input.force_rollback.value_or(false))
    co_return not_offered("ContinueUpdateRollback", "ForceRollback");
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  std::vector<std::string> skipped;
  if (input.resources_to_skip) skipped = std::move(*input.resources_to_skip);
  std::string role = input.role_arn.value_or("");
  std::string token = input.client_request_token.value_or("");
  TARN_CO_CHECK(co_await room.stacks.continue_rollback(caller, stack, std::move(skipped),
                                                       std::move(role), std::move(token)));
  co_return ContinueUpdateRollbackOutput();
}

Task<Result<RollbackStackOutput>> handle(RollbackStack, CloudFormation& room, const Caller& caller,
                                         RollbackStackInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  if (input.retain_except_on_create) stack->deletes_new = *input.retain_except_on_create;
  std::string role = input.role_arn.value_or("");
  std::string token = input.client_request_token.value_or("");
  TARN_CO_CHECK(co_await room.stacks.roll_back(caller, stack, std::move(role), std::move(token)));
  RollbackStackOutput out;
  out.stack_id = stack->id;
  co_return out;
}

}  // namespace tarn::cloudformation
