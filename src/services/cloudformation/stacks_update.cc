// Stacks that are there: updated, and rolled back.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/operation.h"
#include "services/cloudformation/plan.h"
#include "services/cloudformation/stacks.h"

namespace tarn::cloudformation {
namespace {

constexpr std::array kUpdatable = {
    status::kCreateComplete,         status::kCreateFailed,   status::kUpdateComplete,
    status::kUpdateFailed,           status::kImportComplete, status::kImportRollbackComplete,
    status::kUpdateRollbackComplete,
};

tarn::Error invalid_update(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

Status check_updatable(const StackRecord& stack) {
  const bool can =
      std::find(kUpdatable.begin(), kUpdatable.end(), stack.status) != kUpdatable.end();
  if (can && !stack.is_busy()) return {};
  return invalid_update(
      fmt::format("Stack:{} is in {} state and can not be updated.", stack.id, stack.status));
}

// One that a change set has reserved, too: an import may make a stack.
Status check_adoptable(const StackRecord& stack) {
  if (stack.status == status::kReviewInProgress && !stack.is_busy()) return {};
  return check_updatable(stack);
}

StackRecord target_of(const StackRecord& stack, const StackChange& change) {
  StackRecord out = stack;
  static_cast<StackState&>(out) = change.target;
  out.outputs = stack.outputs;
  return out;
}

bool is_same_elsewhere(const StackRecord& stack, const StackChange& change) {
  return stack.tags == change.target.tags &&
         stack.notification_arns == change.target.notification_arns &&
         change.role_arn.value_or(stack.role_arn) == stack.role_arn;
}

// What it is now is what a rollback leads back to.
void remember(StackRecord& stack) {
  if (stack.before) return;
  stack.before = static_cast<const StackState&>(stack);
  for (ResourceRecord& each : stack.resources) {
    each.touched = false;
    if (each.is_there() && each.status != status::kCreateFailed)
      each.before = static_cast<const ResourceState&>(each);
  }
}

// A new resource that failed half made goes in the clean-up, and another one is made.
void begin_anew(ResourceRecord& resource, std::string physical_name) {
  if (resource.is_there()) resource.leftovers.push_back(resource);
  static_cast<ResourceState&>(resource) = ResourceState();
  resource.physical_name = std::move(physical_name);
  resource.status.clear();
  resource.reason.clear();
}

// The resources as the new template has them, and after those the ones that go.
void rearrange(StackRecord& stack, const Blueprint& blueprint, platform::Random& random) {
  std::vector<ResourceRecord> out;
  for (const ResourceDefinition& definition : blueprint.of().resources) {
    const auto needs = blueprint.dependencies().find(definition.name);
    if (needs == blueprint.dependencies().end()) continue;
    ResourceRecord* there = stack.find(definition.name);
    ResourceRecord& wanted = out.emplace_back();
    if (there != nullptr) {
      wanted = std::move(*there);
      there->name.clear();
    }
    const bool is_unmade = !wanted.before && wanted.status != status::kCreateComplete &&
                           wanted.status != status::kUpdateComplete &&
                           wanted.status != status::kImportComplete &&
                           wanted.status != status::kUpdateFailed;
    if (is_unmade) begin_anew(wanted, made_up_name(stack.name, definition.name, random));
    wanted.name = definition.name;
    wanted.type = definition.type;
    wanted.wanted = true;
    wanted.needs.assign(needs->second.begin(), needs->second.end());
    wanted.on_delete = definition.on_delete;
    wanted.on_replace = definition.on_replace;
  }
  for (ResourceRecord& each : stack.resources) {
    if (each.name.empty()) continue;
    each.wanted = false;
    out.push_back(std::move(each));
  }
  for (ResourceRecord& each : out) each.step = Step::kNone;
  stack.resources = std::move(out);
}

// What an import may change of a stack: it adds those resources, and nothing else.
Status check_import(const Plan& plan, const Imports& imports, const ResourceTypes& types) {
  std::set<std::string, std::less<>> added;
  for (const PlannedChange& change : plan.changes()) {
    if (change.action != "Add" || !imports.contains(change.name)) {
      return invalid_update(fmt::format(
          "As part of the import operation, you cannot modify or add [{}]", change.name));
    }
    added.insert(change.name);
    if (types.find(change.type)->identifier().empty()) {
      return invalid_update(
          fmt::format("ResourceTypes [{}] are not supported for Import", change.type));
    }
    const ResourceDefinition& wanted = *plan.blueprint().of().find_resource(change.name);
    if (!wanted.says_on_delete) {
      return invalid_update(
          fmt::format("Resources [{}] must have DeletionPolicy attribute specified in the "
                      "template.",
                      change.name));
    }
  }
  for (const auto& [name, id] : imports) {
    if (!added.contains(name)) {
      return invalid_update(fmt::format(
          "Resources [{}] are missing in the template, or are the stack's already", name));
    }
  }
  return {};
}

}  // namespace

Result<StackPreview> Stacks::preview(std::shared_ptr<StackRecord> stack,
                                     const StackChange& change) {
  const StackRecord target = target_of(*stack, change);
  const Operation world(*this, stack);
  TARN_CHECK(check_updatable(*stack));
  TARN_TRY(const auto plan, Plan::draw(*stack, target, around_.types, world));
  return StackPreview{plan->changes(), plan->is_empty() && is_same_elsewhere(*stack, change)};
}

Result<StackPreview> Stacks::preview_import(const Caller& caller,
                                            std::shared_ptr<StackRecord> stack,
                                            const StackChange& change, const Imports& imports) {
  StackOrder bare;
  if (stack == nullptr) stack = drafted(caller, std::move(bare));
  const StackRecord target = target_of(*stack, change);
  const Operation world(*this, stack);
  if (!stack->status.empty()) TARN_CHECK(check_adoptable(*stack));
  TARN_TRY(const auto plan, Plan::draw(*stack, target, around_.types, world));
  TARN_CHECK(check_import(*plan, imports, around_.types));
  StackPreview out{plan->changes(), false};
  for (PlannedChange& each : out.changes) {
    each.action = "Import";
    each.physical_id = imports.find(each.name)->second;
  }
  return out;
}

Result<StackPreview> Stacks::preview(const Caller& caller, StackOrder order,
                                     std::shared_ptr<StackRecord> reserved) {
  const std::shared_ptr<StackRecord> target = drafted(caller, std::move(order));
  if (reserved != nullptr) target->id = reserved->id;
  const StackRecord nothing;
  const Operation world(*this, target);
  TARN_TRY(const auto plan, Plan::draw(nothing, *target, around_.types, world));
  TARN_TRY(const auto imports, plan->blueprint().imports());
  for (const std::string& name : imports) {
    TARN_TRY(const Value known, world.import(name));
  }
  return StackPreview{plan->changes(), false};
}

Task<Status> Stacks::update(Caller caller, std::shared_ptr<StackRecord> stack, StackChange change,
                            bool is_needed) {
  TARN_CO_CHECK(check_updatable(*stack));
  if (needs_expansion(change.target.text))
    TARN_CO_CHECK(check_expansion(change.target.capabilities));
  std::string operator_role = change.role_arn.value_or("");
  std::string usual_role = stack->role_arn;
  TARN_CO_CHECK(
      co_await expand(caller, std::move(operator_role), std::move(usual_role), change.target));
  TARN_CO_CHECK(check_updatable(*stack));
  StackRecord target = target_of(*stack, change);
  Operation first(*this, stack);
  std::unique_ptr<Plan> plan;
  TARN_CO_TRY(plan, Plan::draw(*stack, target, around_.types, first));
  TARN_CO_TRY(target.imports, plan->blueprint().imports());
  for (const std::string& name : target.imports) {
    TARN_CO_TRY(const Value known, first.import(name));
  }
  const bool is_there_already = plan->is_empty() && is_same_elsewhere(*stack, change);
  if (is_needed && is_there_already && stack->status != status::kUpdateFailed)
    co_return invalid_update(std::string(kNoUpdates));
  std::string role = change.role_arn.value_or("");
  std::string own_role = stack->role_arn;
  TARN_CO_TRY(const std::string keys,
              co_await borrow_keys(caller, std::move(role), std::move(own_role)));
  // Another may have come meanwhile.
  TARN_CO_CHECK(check_updatable(*stack));
  const StackRecord was = *stack;
  remember(*stack);
  static_cast<StackState&>(*stack) = std::move(static_cast<StackState&>(target));
  rearrange(*stack, plan->blueprint(), around_.platform.random);
  stack->role_arn = change.role_arn.value_or(stack->role_arn);
  stack->keeps_failure = change.keeps_failure;
  stack->waits = change.waits;
  stack->deletes_new = change.deletes_new;
  stack->policy_next = std::move(change.policy);
  stack->policy_during = std::move(change.policy_during);
  stack->is_cancelled = false;
  stack->token = std::move(change.token);
  stack->access_key_id = keys;
  stack->updated_ms = around_.platform.clock.now().ms;
  ++stack->updates;
  std::string reason = "User Initiated";
  const Status recorded = co_await first.record_phase(status::kUpdateInProgress, std::move(reason));
  if (!recorded.ok()) {
    *stack = was;
    co_return recorded.error();
  }
  begin(stack);
  co_return Status();
}

Task<Status> Stacks::adopt(Caller caller, std::shared_ptr<StackRecord> stack, StackChange change,
                           Imports imports) {
  TARN_CO_CHECK(check_adoptable(*stack));
  StackRecord target = target_of(*stack, change);
  Operation first(*this, stack);
  std::unique_ptr<Plan> plan;
  TARN_CO_TRY(plan, Plan::draw(*stack, target, around_.types, first));
  TARN_CO_CHECK(check_import(*plan, imports, around_.types));
  TARN_CO_TRY(target.imports, plan->blueprint().imports());
  std::string role = change.role_arn.value_or("");
  std::string own_role = stack->role_arn;
  TARN_CO_TRY(const std::string keys,
              co_await borrow_keys(caller, std::move(role), std::move(own_role)));
  // Another may have come meanwhile.
  TARN_CO_CHECK(check_adoptable(*stack));
  const StackRecord was = *stack;
  remember(*stack);
  static_cast<StackState&>(*stack) = std::move(static_cast<StackState&>(target));
  rearrange(*stack, plan->blueprint(), around_.platform.random);
  for (const auto& [name, id] : imports) stack->find(name)->physical_id = id;
  stack->role_arn = change.role_arn.value_or(stack->role_arn);
  stack->token = std::move(change.token);
  stack->access_key_id = keys;
  stack->updated_ms = around_.platform.clock.now().ms;
  ++stack->updates;
  std::string reason = "User Initiated";
  const Status recorded = co_await first.record_phase(status::kImportInProgress, std::move(reason));
  if (!recorded.ok()) {
    *stack = was;
    co_return recorded.error();
  }
  begin(stack);
  co_return Status();
}

Task<Status> Stacks::cancel(std::shared_ptr<StackRecord> stack) {
  if (stack->status != status::kUpdateInProgress) {
    co_return invalid_update(fmt::format(
        "CancelUpdateStack cannot be called from current stack status: {} is in {} state",
        stack->id, stack->status));
  }
  stack->is_cancelled = true;
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, stack_key(*stack), encode(*stack));
  co_return co_await around_.journal.commit(std::move(batch));
}

Task<Status> Stacks::begin_phase(Caller caller, std::shared_ptr<StackRecord> stack,
                                 std::string role_arn, std::string_view status) {
  std::string own_role = stack->role_arn;
  TARN_CO_TRY(const std::string keys,
              co_await borrow_keys(caller, std::move(role_arn), std::move(own_role)));
  if (stack->is_busy()) {
    co_return invalid_update(fmt::format("Stack:{} is in {} state.", stack->id, stack->status));
  }
  stack->access_key_id = keys;
  stack->updated_ms = around_.platform.clock.now().ms;
  for (ResourceRecord& each : stack->resources) each.step = Step::kNone;
  Operation first(*this, stack);
  std::string reason = "User Initiated";
  TARN_CO_CHECK(co_await first.record_phase(status, std::move(reason)));
  begin(stack);
  co_return Status();
}

Task<Status> Stacks::roll_back(Caller caller, std::shared_ptr<StackRecord> stack,
                               std::string role_arn, std::string token) {
  const bool created = stack->status == status::kCreateFailed;
  if ((!created && stack->status != status::kUpdateFailed) || stack->is_busy()) {
    co_return invalid_update(fmt::format(
        "Stack:{} is in {} state and can not be rolled back: that is for CREATE_FAILED and "
        "UPDATE_FAILED.",
        stack->id, stack->status));
  }
  stack->token = std::move(token);
  co_return co_await begin_phase(caller, stack, std::move(role_arn),
                                 created ? status::kRollbackInProgress : status::kUpdateRollback);
}

Task<Status> Stacks::continue_rollback(Caller caller, std::shared_ptr<StackRecord> stack,
                                       std::vector<std::string> skipped, std::string role_arn,
                                       std::string token) {
  if (stack->status != status::kUpdateRollbackFailed || stack->is_busy()) {
    co_return invalid_update(fmt::format(
        "Stack:{} is in {} state and can not continue update rollback.", stack->id, stack->status));
  }
  for (const std::string& name : skipped) {
    const ResourceRecord* resource = stack->find(name);
    if (resource != nullptr && resource->status == status::kUpdateFailed) continue;
    co_return invalid_update(fmt::format(
        "ResourcesToSkip: {} is not in UPDATE_FAILED: only what failed in the rollback is skipped",
        name));
  }
  stack->skipped = std::move(skipped);
  stack->token = std::move(token);
  co_return co_await begin_phase(caller, stack, std::move(role_arn), status::kUpdateRollback);
}

Task<Status> Stacks::settle(Caller caller, std::shared_ptr<StackRecord> stack, bool is_complete) {
  if (!stack->waits || stack->status != status::kUpdateCleanup || stack->is_busy())
    co_return Status();
  stack->waits = false;
  std::string none;
  co_return co_await begin_phase(caller, stack, std::move(none),
                                 is_complete ? status::kUpdateCleanup : status::kUpdateRollback);
}

}  // namespace tarn::cloudformation
