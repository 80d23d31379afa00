#include "services/cloudformation/operation.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "services/cloudformation/dynamic_references.h"

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kStackType = "AWS::CloudFormation::Stack";

tarn::Error not_there(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

// A property of another form than its type reads: a text where a map should be.
tarn::Error misshapen(const Json::exception& error) {
  return {"ValidationError",
          fmt::format("Properties validation failed: a property has a form that its type does not "
                      "take: {}",
                      error.what()),
          400};
}

Value value_of(const Json& attribute) {
  return from_json(nlohmann::ordered_json::parse(attribute.dump()));
}

// A stack's tags, with those by which everybody finds the stack of a resource.
std::map<std::string, std::string> owner_tags(const StackRecord& stack, const std::string& resource,
                                           std::map<std::string, std::string> given) {
  const auto add = [&given](std::string_view name, const std::string& value) {
    given[fmt::format("{}{}", kTagPrefix, name)] = value;
  };
  add("stack-name", stack.name);
  add("stack-id", stack.id);
  add("logical-id", resource);
  return given;
}

std::string failed_to_delete(const std::string& names) {
  return names == "[]" ? "" : fmt::format("The following resource(s) failed to delete: {}.", names);
}

}  // namespace

// What a type tells while it works on a resource.
class OrderProgress final : public ResourceProgress {
 public:
  OrderProgress(std::shared_ptr<Operation> operation, std::string resource)
      : operation_(std::move(operation)), resource_(std::move(resource)) {}

  Task<Status> begun(std::string physical_id) override {
    ResourceRecord& resource = *operation_->stack_->find(resource_);
    if (resource.physical_id == physical_id) co_return Status();
    resource.physical_id = std::move(physical_id);
    std::string reason = "Resource creation Initiated";
    const std::string status = resource.status;
    co_return co_await operation_->record(resource, status, std::move(reason));
  }
  bool stops() const override { return operation_->stacks_.stopping_; }

 private:
  std::shared_ptr<Operation> operation_;
  std::string resource_;
};

// A stack that rolls back, or is removed, needs no template: its resources say what they need.
Task<void> Operation::run(std::shared_ptr<Operation> self) {
  self->self_ = self;
  const std::string& status = self->stack_->status;
  if (status == status::kCreateInProgress) {
    co_await self->create();
  } else if (status == status::kRollbackInProgress) {
    co_await self->roll_back();
  } else if (status == status::kDeleteInProgress) {
    co_await self->remove_all();
  } else if (status == status::kUpdateInProgress) {
    co_await self->update();
  } else if (status == status::kUpdateRollback) {
    co_await self->restore_all();
  } else if (status == status::kUpdateCleanup || status == status::kUpdateRollbackCleanup) {
    co_await self->clean_up();
  }
  self->self_.reset();
}

Result<Value> Operation::physical_id(std::string_view resource) const {
  const ResourceRecord* found = stack_->find(resource);
  if (found != nullptr && found->is_there()) return Value(found->physical_id);
  return not_there(fmt::format("Resource {} is not there", resource));
}

Result<Value> Operation::attribute(std::string_view resource, std::string_view attribute) const {
  const ResourceRecord* found = stack_->find(resource);
  if (found == nullptr || !found->is_there())
    return not_there(fmt::format("Resource {} is not there", resource));
  const auto value = found->attributes.find(attribute);
  if (value != found->attributes.end()) return value_of(*value);
  std::vector<std::string> names;
  for (const auto& [name, each] : found->attributes.items()) names.push_back(name);
  return not_there(
      fmt::format("Template error: resource {} does not support attribute type {} in "
                  "Fn::GetAtt; {} has: {}",
                  resource, attribute, found->type, fmt::join(names, ", ")));
}

Result<Value> Operation::import(std::string_view name) const {
  std::string value;
  if (stacks_.exporter(*stack_, name, &value) != nullptr) return Value(std::move(value));
  return not_there(fmt::format("No export named {} found.", name));
}

// As many as most Regions offer:
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
Result<Value> Operation::zones(std::string_view region) const {
  Value::List out;
  for (const char zone : {'a', 'b', 'c'}) out.emplace_back(fmt::format("{}{}", region, zone));
  return Value(std::move(out));
}

Status Operation::check(std::string_view type, std::string_view value) const {
  return stacks_.around_.parameters.check(stack_->region, type, value);
}

Result<std::string> Operation::read(std::string_view name) const {
  return stacks_.around_.parameters.read(stack_->region, name);
}

Task<Status> Operation::expand() {
  TARN_CO_TRY(Caller operating, caller());
  std::string text = stack_->text;
  ParameterTexts given = stack_->parameters;
  TARN_CO_TRY(std::string expanded,
              co_await stacks_.around_.macros.expand(std::move(operating), std::move(text),
                                                     std::move(given), *this));
  StackRecord laid_out = *stack_;
  laid_out.original = std::move(laid_out.text);
  laid_out.text = std::move(expanded);
  TARN_CO_CHECK(stacks_.lay_out(laid_out, *this));
  // Only these: something else of the stack may have been changed while the macro ran.
  stack_->original = std::move(laid_out.original);
  stack_->text = std::move(laid_out.text);
  stack_->imports = std::move(laid_out.imports);
  stack_->resources = std::move(laid_out.resources);
  std::string reason = "Transformation succeeded";
  co_return co_await record_phase(status::kCreateInProgress, std::move(reason));
}

Task<void> Operation::create() {
  if (needs_expansion(stack_->text)) {
    const Status expanded = co_await expand();
    if (!expanded.ok() && (is_cut(expanded.error()) || stacks_.stopping_)) co_return;
    if (!expanded.ok()) {
      std::string reason = expanded.error().message + " ";
      co_await give_up(std::move(reason));
      co_return;
    }
  }
  auto drawn = Blueprint::draw(*stack_, stacks_.around_.types, *this);
  if (!drawn.ok()) {
    // It could be drawn when the stack was begun: another program reads it now.
    spdlog::warn("cloudformation: {}: {}", stack_->name, drawn.error().message);
    std::string reason = drawn.error().message + " ";
    co_await give_up(std::move(reason));
    co_return;
  }
  blueprint_ = std::move(*drawn);
  // The server may have ended after something failed.
  failed_ = names_in(status::kCreateFailed) != "[]";
  co_await each_in_order(Turn::kMake);
  if (broken_ || stacks_.stopping_) co_return;
  if (!failed_) {
    co_await complete();
    co_return;
  }
  std::string reason = failures();
  co_await give_up(std::move(reason));
}

Task<void> Operation::give_up(std::string reason) {
  failed_ = true;
  stack_->failure = reason;
  if (stack_->on_failure == "DO_NOTHING") {
    co_await finish(status::kCreateFailed, std::move(reason));
    co_return;
  }
  const bool deletes = stack_->on_failure == "DELETE";
  reason += deletes ? "Delete requested by user." : "Rollback requested by user.";
  const Status begun = co_await record_stack(
      deletes ? status::kDeleteInProgress : status::kRollbackInProgress, std::move(reason));
  if (!begun.ok()) co_return;
  if (deletes) {
    co_await remove_all();
  } else {
    co_await roll_back();
  }
}

Result<std::vector<OutputRecord>> Operation::checked_outputs() const {
  TARN_TRY(auto outputs, blueprint_->outputs());
  for (const OutputRecord& each : outputs) {
    if (each.export_name.empty()) continue;
    const auto other = stacks_.exporter(*stack_, each.export_name, nullptr);
    if (other == nullptr || other->id == stack_->id) continue;
    return not_there(fmt::format("Export with name {} is already exported by stack {}",
                                 each.export_name, other->name));
  }
  for (const OutputRecord& old : stack_->outputs) {
    const auto same = [&](const OutputRecord& each) {
      return each.export_name == old.export_name && each.value == old.value;
    };
    if (old.export_name.empty() || std::any_of(outputs.begin(), outputs.end(), same)) continue;
    const std::vector<std::string> users = stacks_.importers(*stack_, old.export_name);
    if (users.empty()) continue;
    return not_there(fmt::format("Export {} cannot be updated as it is in use by {}",
                                 old.export_name, fmt::join(users, ", ")));
  }
  return outputs;
}

Task<void> Operation::complete() {
  auto outputs = checked_outputs();
  if (!outputs.ok()) {
    std::string reason = outputs.error().message;
    stack_->failure = reason;
    const Status begun = co_await record_stack(status::kRollbackInProgress, std::move(reason));
    if (begun.ok()) co_await roll_back();
    co_return;
  }
  stack_->outputs = std::move(*outputs);
  std::string none;
  co_await finish(status::kCreateComplete, std::move(none));
}

Task<void> Operation::roll_back() {
  co_await each_in_order(Turn::kRemove);
  if (broken_ || stacks_.stopping_) co_return;
  std::string reason = failed_to_delete(names_in(status::kDeleteFailed));
  const bool complete = reason.empty();
  co_await finish(complete ? status::kRollbackComplete : status::kRollbackFailed,
                  std::move(reason));
}

Task<void> Operation::remove_all() {
  co_await each_in_order(Turn::kRemove);
  if (broken_ || stacks_.stopping_) co_return;
  std::string reason = failed_to_delete(names_in(status::kDeleteFailed));
  const bool complete = reason.empty();
  co_await finish(complete ? status::kDeleteComplete : status::kDeleteFailed, std::move(reason));
}

std::string Operation::failures() const {
  std::string out;
  const std::string made = names_in(status::kCreateFailed);
  const std::string changed = names_in(status::kUpdateFailed);
  if (made != "[]") out += fmt::format("The following resource(s) failed to create: {}. ", made);
  if (changed != "[]")
    out += fmt::format("The following resource(s) failed to update: {}. ", changed);
  return out;
}

std::string Operation::names_in(std::string_view status) const {
  std::vector<std::string> names;
  for (const ResourceRecord& each : stack_->resources) {
    if (each.status == status) names.push_back(each.name);
  }
  return fmt::format("[{}]", fmt::join(names, ", "));
}

bool Operation::stops(Turn turn) const {
  if (broken_ || stacks_.stopping_) return true;
  if (turn == Turn::kRenew && stack_->is_cancelled) return true;
  return failed_ && (turn == Turn::kMake || turn == Turn::kRenew);
}

void Operation::begin_one(ResourceRecord& resource, Turn turn, std::set<std::string>& taken) {
  taken.insert(resource.name);
  ++running_;
  start(take(self_, resource.name, turn));
}

void Operation::begin_ready(Turn turn, std::set<std::string>& taken) {
  const auto waits = [&](const ResourceRecord& resource) {
    return !stops(turn) && running_ < kMostAtOnce && !taken.contains(resource.name) &&
           is_open(resource, turn);
  };
  for (ResourceRecord& resource : stack_->resources) {
    if (waits(resource) && is_ready(resource, turn)) begin_one(resource, turn, taken);
  }
  // What several updates left may need one another in a circle.
  if (turn != Turn::kClean) return;
  for (ResourceRecord& resource : stack_->resources) {
    if (running_ == 0 && waits(resource)) begin_one(resource, turn, taken);
  }
}

Task<void> Operation::each_in_order(Turn turn) {
  std::set<std::string> taken;
  while (true) {
    begin_ready(turn, taken);
    if (running_ == 0) co_return;
    co_await bell_.wait();
  }
}

Task<void> Operation::take(std::shared_ptr<Operation> self, std::string name, Turn turn) {
  ResourceRecord& resource = *self->stack_->find(name);
  Status done;
  switch (turn) {
    case Turn::kMake: done = co_await self->make(resource); break;
    case Turn::kRemove: done = co_await self->unmake(resource); break;
    case Turn::kRenew: done = co_await self->renew(resource); break;
    case Turn::kRestore: done = co_await self->restore(resource); break;
    case Turn::kClean: done = co_await self->clean(resource); break;
  }
  if (!done.ok()) {
    self->broken_ = true;
    spdlog::error("cloudformation: {} stops where it is: {}", self->stack_->name,
                  done.error().message);
  }
  --self->running_;
  self->bell_.ring();
}

const ResourceType& Operation::type_of(const ResourceRecord& resource) const {
  return *stacks_.around_.types.find(resource.type);
}

bool Operation::is_cut(const tarn::Error& error) const {
  return broken_ || (stacks_.stopping_ && error.is(code::kCancelled));
}

Result<Json> Operation::evaluated(const ResourceRecord& resource) const {
  const ResourceDefinition& written = *blueprint_->of().find_resource(resource.name);
  TARN_TRY(const Value properties, evaluate(written.properties, blueprint_->names()));
  return Json::parse(to_json(properties).dump());
}

// The status tells of the store only; that the resource could not be made is recorded.
Task<Status> Operation::make(ResourceRecord& resource) {
  auto properties = evaluated(resource);
  if (!properties.ok()) {
    Result<MadeResource> none = std::move(properties).error();
    co_return co_await conclude(resource, std::move(none), status::kCreateComplete,
                                status::kCreateFailed);
  }
  resource.properties = *std::move(properties);
  resource.tags = stack_->tags;
  resource.touched = true;
  resource.step = Step::kTaken;
  const bool is_repeated = !resource.status.empty();
  std::string none;
  TARN_CO_CHECK(co_await record(resource, status::kCreateInProgress, std::move(none)));
  auto made = co_await order_new(resource, is_repeated);
  co_return co_await conclude(resource, std::move(made), status::kCreateComplete,
                              status::kCreateFailed);
}

Task<Status> Operation::conclude(ResourceRecord& resource, Result<MadeResource> made,
                                 std::string_view complete, std::string_view failed) {
  if (made.ok()) {
    resource.physical_id = made->physical_id;
    resource.attributes = std::move(made->attributes);
    resource.replacing = false;
    resource.step = Step::kDone;
    std::string none;
    co_return co_await record(resource, complete, std::move(none));
  }
  if (is_cut(made.error())) co_return Status();
  failed_ = true;
  std::string reason = made.error().message;
  co_return co_await record(resource, failed, std::move(reason));
}

Result<ResourceOrder> Operation::order_for(const ResourceRecord& resource,
                                           const ResourceState& state) {
  ResourceOrder order;
  TARN_TRY(order.caller, caller());
  order.stack_id = stack_->id;
  order.stack_name = stack_->name;
  order.logical_id = resource.name;
  order.type = resource.type;
  order.physical_name = state.physical_name;
  order.physical_id = state.physical_id;
  order.properties = state.properties;
  order.attributes = state.attributes;
  order.tags = owner_tags(*stack_, resource.name, state.tags);
  order.progress = std::make_shared<OrderProgress>(self_, resource.name);
  return order;
}

Task<Status> Operation::resolve(ResourceOrder& order) const {
  Json properties = std::move(order.properties);
  TARN_CO_TRY(order.properties, co_await resolve_references(stacks_.around_.calls, order.caller,
                                                            std::move(properties)));
  co_return Status();
}

Task<Result<MadeResource>> Operation::order_new(ResourceRecord& resource, bool is_repeated) {
  TARN_CO_TRY(ResourceOrder order, order_for(resource, resource));
  order.is_repeated = is_repeated;
  try {
    TARN_CO_CHECK(co_await resolve(order));
    co_return co_await type_of(resource).create(std::move(order));
  } catch (const Json::exception& error) {
    co_return misshapen(error);
  }
}

Task<Result<MadeResource>> Operation::order_change(ResourceRecord& resource, ResourceBefore before,
                                                   bool is_repeated) {
  TARN_CO_TRY(ResourceOrder order, order_for(resource, resource));
  order.is_repeated = is_repeated;
  order.is_rollback = stack_->status == status::kUpdateRollback;
  before.tags = owner_tags(*stack_, resource.name, std::move(before.tags));
  try {
    TARN_CO_CHECK(co_await resolve(order));
    co_return co_await type_of(resource).update(std::move(order), std::move(before));
  } catch (const Json::exception& error) {
    co_return misshapen(error);
  }
}

Task<Status> Operation::order_removal(const ResourceRecord& resource, ResourceState state) {
  TARN_CO_TRY(ResourceOrder order, order_for(resource, state));
  try {
    co_return co_await type_of(resource).remove(std::move(order));
  } catch (const Json::exception& error) {
    co_return misshapen(error);
  }
}

Task<Status> Operation::unmake(ResourceRecord& resource) {
  TARN_CO_CHECK(co_await remove_leftovers(resource));
  if (!resource.is_there()) co_return Status();
  const auto& retained = stack_->retained;
  const bool asked = std::find(retained.begin(), retained.end(), resource.name) != retained.end();
  const bool rolls_back = stack_->status == status::kRollbackInProgress ||
                          stack_->status == status::kUpdateRollbackCleanup;
  const bool kept = resource.on_delete == Disposal::kRetain ||
                    (resource.on_delete == Disposal::kRetainExceptOnCreate && !rolls_back);
  std::string none;
  if (asked || kept) co_return co_await record(resource, status::kDeleteSkipped, std::move(none));
  TARN_CO_CHECK(co_await record(resource, status::kDeleteInProgress, std::move(none)));
  ResourceState state = resource;
  const Status gone = co_await order_removal(resource, std::move(state));
  if (!gone.ok() && is_cut(gone.error())) co_return Status();
  std::string reason = gone.ok() ? "" : gone.error().message;
  if (!gone.ok() && stack_->is_forced)
    co_return co_await record(resource, status::kDeleteSkipped, std::move(reason));
  const Status recorded = co_await record(
      resource, gone.ok() ? status::kDeleteComplete : status::kDeleteFailed, std::move(reason));
  if (gone.ok() && recorded.ok()) resource.physical_id.clear();
  co_return recorded;
}

Task<Status> Operation::record(ResourceRecord& resource, std::string_view status,
                               std::string reason) {
  resource.status = status;
  resource.reason = reason;
  resource.updated_ms = stacks_.around_.platform.clock.now().ms;
  // Of a replacement that is not there yet, events tell the old id.
  const bool is_old = !resource.is_there() && !resource.leftovers.empty();
  const ResourceState of = is_old ? resource.leftovers.back() : resource;
  co_return co_await tell(resource, of, status, std::move(reason));
}

Task<Status> Operation::tell(const ResourceRecord& resource, const ResourceState& of,
                             std::string_view status, std::string reason) {
  EventRecord event;
  event.name = resource.name;
  event.physical_id = of.physical_id;
  event.type = resource.type;
  event.status = status;
  event.reason = std::move(reason);
  if (!secrets_) secrets_.emplace(*stack_);
  event.properties = secrets_->hide(of.properties).dump();
  store::Batch batch;
  ResourceRecord kept = resource;
  // Gone, or never there: the record stays, without what it was.
  if (resource.status == status::kDeleteComplete) kept.physical_id.clear();
  batch.put(store::Space::kCloudFormation, resource_key(*stack_, resource), encode(kept));
  co_return co_await commit(std::move(batch), std::move(event));
}

EventRecord Operation::stack_event(std::string_view status, std::string reason) {
  stack_->status = status;
  stack_->reason = reason;
  EventRecord event;
  event.name = stack_->name;
  event.physical_id = stack_->id;
  event.type = kStackType;
  event.status = status;
  event.reason = std::move(reason);
  return event;
}

Task<Status> Operation::record_stack(std::string_view status, std::string reason) {
  EventRecord event = stack_event(status, std::move(reason));
  store::Batch batch;
  co_return co_await commit(std::move(batch), std::move(event));
}

Task<Status> Operation::record_phase(std::string_view status, std::string reason) {
  EventRecord event = stack_event(status, std::move(reason));
  store::Batch batch;
  for (const ResourceRecord& each : stack_->resources)
    batch.put(store::Space::kCloudFormation, resource_key(*stack_, each), encode(each));
  co_return co_await commit(std::move(batch), std::move(event));
}

Task<void> Operation::finish(std::string_view status, std::string reason) {
  const std::string keys = std::exchange(stack_->access_key_id, {});
  const Status recorded = co_await record_stack(status, std::move(reason));
  if (!recorded.ok()) {
    spdlog::warn("cloudformation: {}: {}", stack_->name, recorded.error().message);
    co_return;
  }
  co_await give_back(keys);
}

Task<void> Operation::give_back(std::string keys) {
  auto& credentials = stacks_.around_.identities.credentials;
  const auto revoke = [&] {
    return credentials.revoke(keys);
  };
  const Status revoked = co_await stacks_.around_.platform.tasks.offload(revoke);
  if (!revoked.ok()) spdlog::warn("cloudformation: {}: {}", stack_->name, revoked.error().message);
}

Task<Status> Operation::commit(store::Batch batch, EventRecord event) {
  event.id = stacks_.around_.platform.random.uuid();
  event.time_ms = stacks_.around_.platform.clock.now().ms;
  event.token = stack_->token;
  batch.put(store::Space::kCloudFormation, event_key(stack_->id, stack_->events++), encode(event));
  batch.put(store::Space::kCloudFormation, stack_key(*stack_), encode(*stack_));
  Status written = co_await stacks_.around_.journal.commit(std::move(batch));
  if (!written.ok()) broken_ = true;
  co_return written;
}

Result<Caller> Operation::caller() const {
  return stacks_.caller_with(stack_->access_key_id, stack_->region);
}

}  // namespace tarn::cloudformation
