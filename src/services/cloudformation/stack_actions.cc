// Stacks: made, removed, listed and told.
#include "services/cloudformation/stack_actions.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/policy_actions.h"
#include "services/cloudformation/request.h"

namespace tarn::cloudformation {
namespace {

constexpr std::size_t kEventsAPage = 100;
constexpr std::size_t kStacksAPage = 100;

tarn::Error invalid_request(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

// What has no meaning here is refused, not passed over.
Status refuse_what_is_not_here(const CreateStackInput& input) {
  if (input.rollback_configuration) return not_offered("CreateStack", "RollbackConfiguration");
  if (input.resource_types) return not_offered("CreateStack", "ResourceTypes");
  return {};
}

Result<StackOrder> order_of(CreateStackInput& input) {
  StackOrder order;
  order.name = input.stack_name;
  TARN_TRY(order.parameters, texts_of(input.parameters, nullptr));
  if (input.tags) {
    TARN_TRY(order.tags, tags_of(*input.tags));
  }
  order.role_arn = input.role_arn.value_or("");
  if (input.capabilities) order.capabilities = std::move(*input.capabilities);
  if (input.notification_ar_ns) order.notification_arns = std::move(*input.notification_ar_ns);
  if (input.on_failure && input.disable_rollback)
    return invalid_request("You can specify either DisableRollback or OnFailure, but not both.");
  if (input.on_failure) order.on_failure = *input.on_failure;
  if (input.disable_rollback.value_or(false)) order.on_failure = "DO_NOTHING";
  order.is_protected = input.enable_termination_protection.value_or(false);
  order.timeout_minutes = input.timeout_in_minutes.value_or(0);
  order.deletes_new = input.retain_except_on_create.value_or(false);
  order.token = input.client_request_token.value_or("");
  return order;
}

std::vector<Output> told_outputs(const StackRecord& stack) {
  std::vector<Output> out;
  for (const OutputRecord& each : stack.outputs) {
    Output& shown = out.emplace_back();
    shown.output_key = each.key;
    shown.output_value = each.value;
    shown.description = if_any(each.description);
    shown.export_name = if_any(each.export_name);
  }
  return out;
}

StackDriftInformation told_drift(const StackRecord& stack) {
  StackDriftInformation out;
  out.stack_drift_status = stack.drift.status;
  if (stack.drift.checked_ms != 0) out.last_check_timestamp = Timestamp{stack.drift.checked_ms};
  return out;
}

Stack told(const StackRecord& stack) {
  const auto read = parse_template(stack.text, stack.parameters);
  Stack out;
  out.stack_id = stack.id;
  out.stack_name = stack.name;
  if (read.ok()) out.description = if_any(read->description);
  out.parameters = told_parameters(stack);
  out.creation_time = Timestamp{stack.created_ms};
  if (stack.updated_ms != 0) out.last_updated_time = Timestamp{stack.updated_ms};
  if (stack.deleted_ms != 0) out.deletion_time = Timestamp{stack.deleted_ms};
  out.stack_status = stack.status;
  out.stack_status_reason = if_any(stack.reason);
  out.disable_rollback = stack.on_failure == "DO_NOTHING";
  out.notification_ar_ns = stack.notification_arns;
  if (!stack.capabilities.empty()) out.capabilities = stack.capabilities;
  if (!stack.outputs.empty()) out.outputs = told_outputs(stack);
  out.tags = told_tags(stack);
  out.role_arn = if_any(stack.role_arn);
  out.parent_id = if_any(stack.parent_id);
  out.root_id = if_any(stack.root_id);
  out.enable_termination_protection = stack.is_protected;
  out.timeout_in_minutes = stack.timeout_minutes == 0
                               ? std::nullopt
                               : std::optional(static_cast<std::int32_t>(stack.timeout_minutes));
  out.drift_information = told_drift(stack);
  return out;
}

template <class Shown>
void tell(const ResourceRecord& resource, Shown& out) {
  out.logical_resource_id = resource.name;
  out.physical_resource_id = if_any(resource.physical_id);
  out.resource_type = resource.type;
  out.resource_status = resource.status;
  out.resource_status_reason = if_any(resource.reason);
  auto& drift = out.drift_information.emplace();
  drift.stack_resource_drift_status = resource.drift.status;
  if (resource.drift.checked_ms != 0)
    drift.last_check_timestamp = Timestamp{resource.drift.checked_ms};
}

// The id of the stack that has the resource.
Result<std::string> holder_of(const CloudFormation& room, const Caller& caller,
                              const std::string& physical_id) {
  for (const auto& stack : room.stacks.list(caller)) {
    const bool has =
        std::any_of(stack->resources.begin(), stack->resources.end(),
                    [&](const ResourceRecord& each) { return each.physical_id == physical_id; });
    if (has && !stack->is_gone()) return stack->id;
  }
  return invalid_request(fmt::format("Stack for {} does not exist", physical_id));
}

}  // namespace

Task<Result<CreateStackOutput>> handle(CreateStack, CloudFormation& room, const Caller& caller,
                                       CreateStackInput input) {
  TARN_CO_CHECK(refuse_what_is_not_here(input));
  TARN_CO_TRY(StackOrder order, order_of(input));
  TARN_CO_TRY(order.text, co_await room.source.read(caller, std::move(input.template_body),
                                                    std::move(input.template_url)));
  TARN_CO_TRY(order.policy, co_await read_policy(room, caller, std::move(input.stack_policy_body),
                                                 std::move(input.stack_policy_url)));
  CreateStackOutput out;
  TARN_CO_TRY(out.stack_id, co_await room.stacks.create(caller, std::move(order)));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteStack, CloudFormation& room, const Caller& caller,
                                DeleteStackInput input) {
  auto stack = room.stacks.find(caller, input.stack_name);
  // One that is not there is deleted, as on AWS.
  if (!stack.ok()) co_return wire::Unit();
  StackRemoval removal;
  if (input.retain_resources) removal.retained = std::move(*input.retain_resources);
  removal.is_forced = input.deletion_mode.value_or("") == "FORCE_DELETE_STACK";
  removal.role_arn = input.role_arn.value_or("");
  removal.token = input.client_request_token.value_or("");
  TARN_CO_CHECK(co_await room.stacks.remove(caller, *stack, std::move(removal)));
  co_return wire::Unit();
}

Task<Result<DescribeStacksOutput>> handle(DescribeStacks, CloudFormation& room,
                                          const Caller& caller, DescribeStacksInput input) {
  DescribeStacksOutput out;
  auto& stacks = out.stacks.emplace();
  if (input.stack_name) {
    TARN_CO_TRY(const auto stack, room.stacks.find(caller, *input.stack_name));
    stacks.push_back(told(*stack));
    co_return out;
  }
  auto all = room.stacks.list(caller);
  std::erase_if(all, [](const auto& stack) { return stack->is_gone(); });
  TARN_CO_TRY(std::size_t place, place_of(input.next_token, all.size()));
  for (; place < all.size() && stacks.size() < kStacksAPage; ++place)
    stacks.push_back(told(*all[place]));
  if (place < all.size()) out.next_token = std::to_string(place);
  co_return out;
}

Task<Result<ListStacksOutput>> handle(ListStacks, CloudFormation& room, const Caller& caller,
                                      ListStacksInput input) {
  auto all = room.stacks.list(caller);
  if (input.stack_status_filter && !input.stack_status_filter->empty()) {
    const auto& wanted = *input.stack_status_filter;
    std::erase_if(all, [&](const auto& stack) {
      return std::find(wanted.begin(), wanted.end(), stack->status) == wanted.end();
    });
  }
  ListStacksOutput out;
  auto& shown = out.stack_summaries.emplace();
  TARN_CO_TRY(std::size_t place, place_of(input.next_token, all.size()));
  for (; place < all.size() && shown.size() < kStacksAPage; ++place) {
    const StackRecord& stack = *all[place];
    StackSummary& each = shown.emplace_back();
    each.stack_id = stack.id;
    each.stack_name = stack.name;
    each.creation_time = Timestamp{stack.created_ms};
    if (stack.updated_ms != 0) each.last_updated_time = Timestamp{stack.updated_ms};
    each.parent_id = if_any(stack.parent_id);
    each.root_id = if_any(stack.root_id);
    if (stack.deleted_ms != 0) each.deletion_time = Timestamp{stack.deleted_ms};
    each.stack_status = stack.status;
    each.stack_status_reason = if_any(stack.reason);
  }
  if (place < all.size()) out.next_token = std::to_string(place);
  co_return out;
}

Task<Result<DescribeStackEventsOutput>> handle(DescribeStackEvents, CloudFormation& room,
                                               const Caller& caller,
                                               DescribeStackEventsInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  std::uint64_t before = stack->events;
  if (input.next_token) {
    TARN_CO_TRY(before, place_of(input.next_token, before));
  }
  TARN_CO_TRY(const auto events, room.stacks.events(*stack, before, kEventsAPage));
  DescribeStackEventsOutput out;
  auto& shown = out.stack_events.emplace();
  for (const EventRecord& event : events) {
    StackEvent& each = shown.emplace_back();
    each.stack_id = stack->id;
    each.stack_name = stack->name;
    each.event_id = event.id;
    each.logical_resource_id = event.name;
    each.physical_resource_id = event.physical_id;
    each.resource_type = event.type;
    each.timestamp = Timestamp{event.time_ms};
    each.resource_status = event.status;
    each.resource_status_reason = if_any(event.reason);
    each.resource_properties = if_any(event.properties);
    each.client_request_token = if_any(event.token);
  }
  if (events.size() < before) out.next_token = std::to_string(before - events.size());
  co_return out;
}

Task<Result<DescribeStackResourcesOutput>> handle(DescribeStackResources, CloudFormation& room,
                                                  const Caller& caller,
                                                  DescribeStackResourcesInput input) {
  if (input.physical_resource_id && input.stack_name) {
    co_return invalid_request(
        "StackName and PhysicalResourceId exclude one another: the resource tells its stack");
  }
  std::string name = input.stack_name.value_or("");
  if (input.physical_resource_id) {
    TARN_CO_TRY(name, holder_of(room, caller, *input.physical_resource_id));
  }
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, name));
  DescribeStackResourcesOutput out;
  auto& shown = out.stack_resources.emplace();
  for (const ResourceRecord& resource : stack->resources) {
    if (input.logical_resource_id.value_or(resource.name) != resource.name) continue;
    if (resource.status.empty()) continue;
    StackResource& each = shown.emplace_back();
    tell(resource, each);
    each.stack_id = stack->id;
    each.stack_name = stack->name;
    each.timestamp = Timestamp{resource.updated_ms};
  }
  co_return out;
}

Task<Result<DescribeStackResourceOutput>> handle(DescribeStackResource, CloudFormation& room,
                                                 const Caller& caller,
                                                 DescribeStackResourceInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  const ResourceRecord* resource = stack->find(input.logical_resource_id);
  if (resource == nullptr || resource->status.empty()) {
    co_return invalid_request(fmt::format("Resource {} does not exist for stack {}",
                                          input.logical_resource_id, stack->name));
  }
  DescribeStackResourceOutput out;
  StackResourceDetail& shown = out.stack_resource_detail.emplace();
  tell(*resource, shown);
  shown.stack_id = stack->id;
  shown.stack_name = stack->name;
  shown.last_updated_timestamp = Timestamp{resource->updated_ms};
  co_return out;
}

Task<Result<ListStackResourcesOutput>> handle(ListStackResources, CloudFormation& room,
                                              const Caller& caller, ListStackResourcesInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  ListStackResourcesOutput out;
  auto& shown = out.stack_resource_summaries.emplace();
  const auto& all = stack->resources;
  TARN_CO_TRY(std::size_t place, place_of(input.next_token, all.size()));
  for (; place < all.size() && shown.size() < kStacksAPage; ++place) {
    if (all[place].status.empty()) continue;
    StackResourceSummary& each = shown.emplace_back();
    tell(all[place], each);
    each.last_updated_timestamp = Timestamp{all[place].updated_ms};
  }
  if (place < all.size()) out.next_token = std::to_string(place);
  co_return out;
}

Task<Result<GetTemplateOutput>> handle(GetTemplate, CloudFormation& room, const Caller& caller,
                                       GetTemplateInput input) {
  GetTemplateOutput out;
  out.stages_available = {"Original", "Processed"};
  const bool processed = input.template_stage.value_or("Original") == "Processed";
  if (input.change_set_name) {
    TARN_CO_TRY(const auto set,
                room.change_sets.find(caller, *input.change_set_name, input.stack_name));
    out.template_body = processed ? set->target.text : given_template(set->target);
    co_return out;
  }
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name.value_or("")));
  out.template_body = processed ? stack->text : given_template(*stack);
  co_return out;
}

Task<Result<ListExportsOutput>> handle(ListExports, CloudFormation& room, const Caller& caller,
                                       ListExportsInput /*input*/) {
  ListExportsOutput out;
  auto& shown = out.exports.emplace();
  for (const auto& stack : room.stacks.list(caller)) {
    if (stack->is_gone()) continue;
    for (const OutputRecord& output : stack->outputs) {
      if (output.export_name.empty()) continue;
      Export& each = shown.emplace_back();
      each.exporting_stack_id = stack->id;
      each.name = output.export_name;
      each.value = output.value;
    }
  }
  co_return out;
}

Task<Result<ListImportsOutput>> handle(ListImports, CloudFormation& room, const Caller& caller,
                                       ListImportsInput input) {
  StackRecord from;
  from.account_id = caller.account_id;
  from.region = caller.region;
  std::vector<std::string> users = room.stacks.importers(from, input.export_name);
  if (users.empty()) {
    co_return invalid_request(
        fmt::format("Export '{}' is not imported by any stack.", input.export_name));
  }
  ListImportsOutput out;
  out.imports = std::move(users);
  co_return out;
}

Task<Result<UpdateTerminationProtectionOutput>> handle(UpdateTerminationProtection,
                                                       CloudFormation& room, const Caller& caller,
                                                       UpdateTerminationProtectionInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  TARN_CO_CHECK(co_await room.stacks.protect(stack, input.enable_termination_protection));
  UpdateTerminationProtectionOutput out;
  out.stack_id = stack->id;
  co_return out;
}

}  // namespace tarn::cloudformation
