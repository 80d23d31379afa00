// Change sets: made, told, executed.
#include "services/cloudformation/change_set_actions.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/request.h"

namespace tarn::cloudformation {
namespace {

// `aws cloudformation deploy` knows an empty change set by this sentence.
constexpr std::string_view kNoChanges =
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set.";
constexpr std::size_t kChangesAPage = 100;

tarn::Error invalid_change_set(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

Status refuse_what_is_not_here(const CreateChangeSetInput& input) {
  const std::string type = input.change_set_type.value_or("UPDATE");
  if (input.import_existing_resources.value_or(false))
    return not_offered("CreateChangeSet", "ImportExistingResources");
  if ((type == "IMPORT") != input.resources_to_import.has_value())
    return invalid_change_set(
        "ResourcesToImport is for a change set of type IMPORT, which needs it");
  if (input.include_nested_stacks.value_or(false))
    return not_offered("CreateChangeSet", "IncludeNestedStacks");
  if (input.rollback_configuration) return not_offered("CreateChangeSet", "RollbackConfiguration");
  if (input.resource_types) return not_offered("CreateChangeSet", "ResourceTypes");
  if (input.deployment_mode || input.deployment_config)
    return not_offered("CreateChangeSet", "DeploymentMode");
  if (input.on_stack_failure && type != "CREATE" && *input.on_stack_failure == "DELETE")
    return invalid_change_set("OnStackFailure DELETE is for a change set of type CREATE");
  return {};
}

// The stack as the request wants it; `there` is nullptr where there is none.
Task<Result<StackState>> state_of(CloudFormation& room, const Caller& caller,
                                  CreateChangeSetInput& input, std::shared_ptr<StackRecord> there) {
  StackState out;
  const bool is_new = there == nullptr || there->status == status::kReviewInProgress;
  if (!is_new) out = static_cast<const StackState&>(*there);
  TARN_CO_TRY(out.parameters, texts_of(input.parameters, is_new ? nullptr : there.get()));
  if (is_new || !input.use_previous_template.value_or(false)) {
    TARN_CO_TRY(out.text, co_await room.source.read(caller, std::move(input.template_body),
                                                    std::move(input.template_url)));
  } else {
    out.text = given_template(*there);
  }
  if (input.tags) {
    TARN_CO_TRY(out.tags, tags_of(*input.tags));
  }
  out.capabilities.clear();
  if (input.capabilities) out.capabilities = std::move(*input.capabilities);
  if (input.notification_ar_ns) out.notification_arns = std::move(*input.notification_ar_ns);
  co_return out;
}

// The stack that a change set is for: by its type one that is there, or not.
Result<std::shared_ptr<StackRecord>> stack_for(const CloudFormation& room, const Caller& caller,
                                               const CreateChangeSetInput& input, bool creates) {
  const auto found = room.stacks.find(caller, input.stack_name);
  const bool is_there = found.ok() && (*found)->status != status::kReviewInProgress;
  if (!creates) {
    if (is_there) return *found;
    return invalid_change_set(found.ok()
                                  ? fmt::format("Stack:{} is in REVIEW_IN_PROGRESS state and can "
                                                "not be updated.",
                                                (*found)->id)
                                  : fmt::format("Stack [{}] does not exist", input.stack_name));
  }
  if (is_there && !(*found)->is_gone()) {
    return invalid_change_set(fmt::format(
        "Stack [{}] already exists and cannot be created again with the changeSet [{}].",
        input.stack_name, input.change_set_name));
  }
  if (found.ok() && !(*found)->is_gone()) return *found;
  return std::shared_ptr<StackRecord>();
}

// What an import names, by the type's own identifier.
Result<Imports> imports_of(const CloudFormation& room, const CreateChangeSetInput& input) {
  Imports out;
  if (!input.resources_to_import) return out;
  for (const ResourceToImport& each : *input.resources_to_import) {
    const std::string_view wanted = room.stacks.identifier_of(each.resource_type);
    if (wanted.empty()) {
      return invalid_change_set(
          fmt::format("ResourceTypes [{}] are not supported for Import", each.resource_type));
    }
    const auto id = each.resource_identifier.find(std::string(wanted));
    if (id == each.resource_identifier.end() || each.resource_identifier.size() != 1) {
      return invalid_change_set(fmt::format("ResourceIdentifier of {} must be {} alone",
                                            each.logical_resource_id, wanted));
    }
    out[each.logical_resource_id] = id->second;
  }
  return out;
}

StackOrder order_from(const std::string& name, const ChangeSetRecord& set) {
  StackOrder order;
  static_cast<StackState&>(order) = set.target;
  order.name = name;
  order.role_arn = set.role_arn.value_or("");
  if (!set.on_failure.empty()) order.on_failure = set.on_failure;
  return order;
}

StackChange change_from(const ChangeSetRecord& set) {
  StackChange change;
  change.target = set.target;
  change.role_arn = set.role_arn;
  change.keeps_failure = set.on_failure == "DO_NOTHING";
  return change;
}

ResourceChangeDetail told_detail(const ChangeDetail& detail, bool values) {
  ResourceChangeDetail out;
  ResourceTargetDefinition& target = out.target.emplace();
  target.attribute = detail.attribute;
  target.requires_recreation = detail.recreation;
  if (!detail.property.empty()) {
    target.name = detail.property;
    target.path = "/Properties/" + detail.property;
    target.attribute_change_type = !detail.before ? "Add" : !detail.after ? "Remove" : "Modify";
  }
  if (values) {
    target.before_value = detail.before;
    target.after_value = detail.after;
  }
  out.evaluation = detail.evaluation;
  out.change_source = detail.source;
  out.causing_entity = if_any(detail.cause);
  return out;
}

Change told_change(const PlannedChange& change, bool values) {
  Change out;
  out.type = "Resource";
  ResourceChange& shown = out.resource_change.emplace();
  shown.action = change.action;
  shown.logical_resource_id = change.name;
  shown.physical_resource_id = if_any(change.physical_id);
  shown.resource_type = change.type;
  shown.replacement = if_any(change.replacement);
  auto& scope = shown.scope.emplace();
  auto& details = shown.details.emplace();
  for (const ChangeDetail& each : change.details) {
    if (std::find(scope.begin(), scope.end(), each.attribute) == scope.end())
      scope.push_back(each.attribute);
    details.push_back(told_detail(each, values));
  }
  if (values) {
    shown.before_context = if_any(change.before);
    shown.after_context = if_any(change.after);
  }
  return out;
}

}  // namespace

Task<Result<CreateChangeSetOutput>> handle(CreateChangeSet, CloudFormation& room,
                                           const Caller& caller, CreateChangeSetInput input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  ChangeSetRecord set;
  set.creates = input.change_set_type.value_or("UPDATE") == "CREATE";
  TARN_CO_TRY(set.imports, imports_of(room, input));
  // An import makes a stack where there is none.
  const auto there = room.stacks.find(caller, input.stack_name);
  const bool imports_anew =
      !set.imports.empty() && (!there.ok() || (*there)->status == status::kReviewInProgress);
  TARN_CO_TRY(std::shared_ptr<StackRecord> stack,
              stack_for(room, caller, input, set.creates || imports_anew));
  TARN_CO_TRY(set.target, co_await state_of(room, caller, input, stack));
  set.name = input.change_set_name;
  set.description = input.description.value_or("");
  set.role_arn = input.role_arn;
  set.on_failure = input.on_stack_failure.value_or("");
  std::string role = set.role_arn.value_or("");
  std::string own_role = stack == nullptr ? "" : stack->role_arn;
  Status ready =
      co_await room.stacks.expand(caller, std::move(role), std::move(own_role), set.target);
  StackPreview preview;
  if (ready.ok() && !set.imports.empty()) {
    TARN_CO_TRY(preview, room.stacks.preview_import(caller, stack, change_from(set), set.imports));
  } else if (ready.ok() && set.creates) {
    TARN_CO_TRY(preview, room.stacks.preview(caller, order_from(input.stack_name, set), stack));
  } else if (ready.ok()) {
    TARN_CO_TRY(preview, room.stacks.preview(stack, change_from(set)));
  }
  if (stack == nullptr) {
    StackOrder bare = order_from(input.stack_name, set);
    bare.token = input.client_token.value_or("");
    TARN_CO_TRY(const std::string id, co_await room.stacks.reserve(caller, std::move(bare)));
    stack = room.stacks.find_by_id(id);
  }
  set.stack_id = stack->id;
  set.updates = stack->updates;
  set.changes = std::move(preview.changes);
  set.status = preview.is_empty || !ready.ok() ? "FAILED" : status::kCreateComplete;
  if (preview.is_empty) set.reason = kNoChanges;
  if (!ready.ok()) set.reason = ready.error().message;
  CreateChangeSetOutput out;
  TARN_CO_TRY(const auto kept, co_await room.change_sets.add(caller, std::move(set)));
  out.id = kept->id;
  out.stack_id = kept->stack_id;
  co_return out;
}

Task<Result<DescribeChangeSetOutput>> handle(DescribeChangeSet, CloudFormation& room,
                                             const Caller& caller, DescribeChangeSetInput input) {
  TARN_CO_TRY(const auto set,
              room.change_sets.find(caller, input.change_set_name, input.stack_name));
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, set->stack_id));
  TARN_CO_TRY(std::size_t place, place_of(input.next_token, set->changes.size()));
  DescribeChangeSetOutput out;
  out.change_set_name = set->name;
  out.change_set_id = set->id;
  out.stack_id = stack->id;
  out.stack_name = stack->name;
  out.description = if_any(set->description);
  out.parameters = told_parameters(set->target);
  out.creation_time = Timestamp{set->created_ms};
  out.execution_status = std::string(room.change_sets.execution_status(*set));
  out.status = set->status;
  out.status_reason = if_any(set->reason);
  out.notification_ar_ns = set->target.notification_arns;
  if (!set->target.capabilities.empty()) out.capabilities = set->target.capabilities;
  out.tags = told_tags(set->target);
  out.include_nested_stacks = false;
  out.on_stack_failure = if_any(set->on_failure);
  const bool values = input.include_property_values.value_or(false);
  auto& changes = out.changes.emplace();
  for (; place < set->changes.size() && changes.size() < kChangesAPage; ++place)
    changes.push_back(told_change(set->changes[place], values));
  if (place < set->changes.size()) out.next_token = std::to_string(place);
  co_return out;
}

Task<Result<ListChangeSetsOutput>> handle(ListChangeSets, CloudFormation& room,
                                          const Caller& caller, ListChangeSetsInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  ListChangeSetsOutput out;
  auto& shown = out.summaries.emplace();
  for (const auto& set : room.change_sets.list(*stack)) {
    ChangeSetSummary& each = shown.emplace_back();
    each.stack_id = stack->id;
    each.stack_name = stack->name;
    each.change_set_id = set->id;
    each.change_set_name = set->name;
    each.execution_status = std::string(room.change_sets.execution_status(*set));
    each.status = set->status;
    each.status_reason = if_any(set->reason);
    each.creation_time = Timestamp{set->created_ms};
    each.description = if_any(set->description);
    each.include_nested_stacks = false;
  }
  co_return out;
}

Task<Result<ExecuteChangeSetOutput>> handle(ExecuteChangeSet, CloudFormation& room,
                                            const Caller& caller, ExecuteChangeSetInput input) {
  TARN_CO_TRY(const auto set,
              room.change_sets.find(caller, input.change_set_name, input.stack_name));
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, set->stack_id));
  const std::string_view can = room.change_sets.execution_status(*set);
  if (can != "AVAILABLE") {
    co_return tarn::Error(
        "InvalidChangeSetStatus",
        fmt::format("ChangeSet [{}] cannot be executed in its current execution status of [{}]",
                    set->id, can),
        400);
  }
  const bool keeps = input.disable_rollback.value_or(false);
  std::string token = input.client_request_token.value_or("");
  if (!set->imports.empty()) {
    StackChange change = change_from(*set);
    change.token = std::move(token);
    Imports imports = set->imports;
    TARN_CO_CHECK(co_await room.stacks.adopt(caller, stack, std::move(change), std::move(imports)));
  } else if (set->creates) {
    StackOrder order = order_from(stack->name, *set);
    if (keeps) order.on_failure = "DO_NOTHING";
    order.deletes_new = input.retain_except_on_create.value_or(false);
    order.token = std::move(token);
    TARN_CO_CHECK(co_await room.stacks.create_reserved(caller, stack, std::move(order)));
  } else {
    StackChange change = change_from(*set);
    change.keeps_failure = change.keeps_failure || keeps;
    change.deletes_new = input.retain_except_on_create.value_or(false);
    change.token = std::move(token);
    TARN_CO_CHECK(co_await room.stacks.update(caller, stack, std::move(change), false));
  }
  TARN_CO_CHECK(co_await room.change_sets.executed(set));
  std::string stack_id = stack->id;
  co_await room.change_sets.watch(std::move(stack_id));
  co_return ExecuteChangeSetOutput();
}

Task<Result<DeleteChangeSetOutput>> handle(DeleteChangeSet, CloudFormation& room,
                                           const Caller& caller, DeleteChangeSetInput input) {
  auto set = room.change_sets.find(caller, input.change_set_name, input.stack_name);
  // One that is not there is deleted, as on AWS.
  if (!set.ok() && set.error().is("ChangeSetNotFound")) co_return DeleteChangeSetOutput();
  if (!set.ok()) co_return std::move(set).error();
  if (room.change_sets.execution_status(**set) == "EXECUTE_IN_PROGRESS") {
    co_return tarn::Error(
        "InvalidChangeSetStatus",
        fmt::format("ChangeSet [{}] is being executed and cannot be deleted", (*set)->id), 400);
  }
  TARN_CO_CHECK(co_await room.change_sets.remove(*set));
  co_return DeleteChangeSetOutput();
}

}  // namespace tarn::cloudformation
