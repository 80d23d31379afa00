#include "services/cloudformation/operation.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kStackType = "AWS::CloudFormation::Stack";

tarn::Error not_there(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

Value value_of(const Json& attribute) {
  return from_json(nlohmann::ordered_json::parse(attribute.dump()));
}

bool is_finished(const ResourceRecord& resource, bool removing) {
  if (removing) {
    return !resource.is_there() || resource.status == status::kDeleteFailed ||
           resource.status == status::kDeleteSkipped;
  }
  return resource.status == status::kCreateComplete || resource.status == status::kCreateFailed;
}

}  // namespace

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

Task<void> Operation::create() {
  auto drawn = Blueprint::draw(*stack_, stacks_.around_.types, *this);
  if (!drawn.ok()) {
    // It could be drawn when the stack was begun: another program reads it now.
    failed_ = true;
    spdlog::warn("cloudformation: {}: {}", stack_->name, drawn.error().message);
    std::string reason = drawn.error().message;
    const Status recorded = co_await record_stack(status::kRollbackInProgress, std::move(reason));
    if (recorded.ok()) co_await roll_back();
    co_return;
  }
  blueprint_ = std::move(*drawn);
  co_await each_in_order(Turn::kMake);
  if (broken_ || stacks_.stopping_) co_return;
  if (!failed_) {
    co_await complete();
    co_return;
  }
  std::string reason = fmt::format("The following resource(s) failed to create: {}. ",
                                   names_in(status::kCreateFailed));
  if (stack_->on_failure == "DO_NOTHING") {
    const Status done = co_await finish(status::kCreateFailed, std::move(reason));
    if (!done.ok()) spdlog::warn("cloudformation: {}", done.error().message);
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

Task<void> Operation::complete() {
  auto outputs = blueprint_->outputs();
  std::string reason;
  if (outputs.ok()) {
    for (const OutputRecord& each : *outputs) {
      if (each.export_name.empty() ||
          stacks_.exporter(*stack_, each.export_name, nullptr) == nullptr)
        continue;
      reason = fmt::format("Export with name {} is already exported by stack {}", each.export_name,
                           stacks_.exporter(*stack_, each.export_name, nullptr)->name);
    }
  } else {
    reason = outputs.error().message;
  }
  if (!reason.empty()) {
    const Status begun = co_await record_stack(status::kRollbackInProgress, std::move(reason));
    if (begun.ok()) co_await roll_back();
    co_return;
  }
  stack_->outputs = std::move(*outputs);
  std::string none;
  const Status done = co_await finish(status::kCreateComplete, std::move(none));
  if (!done.ok()) spdlog::warn("cloudformation: {}: {}", stack_->name, done.error().message);
}

Task<void> Operation::roll_back() {
  co_await each_in_order(Turn::kRemove);
  if (broken_ || stacks_.stopping_) co_return;
  const std::string left = names_in(status::kDeleteFailed);
  std::string reason =
      left == "[]" ? "" : fmt::format("The following resource(s) failed to delete: {}.", left);
  const Status done = co_await finish(
      left == "[]" ? status::kRollbackComplete : status::kRollbackFailed, std::move(reason));
  if (!done.ok()) spdlog::warn("cloudformation: {}: {}", stack_->name, done.error().message);
}

Task<void> Operation::remove_all() {
  co_await each_in_order(Turn::kRemove);
  if (broken_ || stacks_.stopping_) co_return;
  const std::string left = names_in(status::kDeleteFailed);
  std::string reason =
      left == "[]" ? "" : fmt::format("The following resource(s) failed to delete: {}.", left);
  const Status done = co_await finish(
      left == "[]" ? status::kDeleteComplete : status::kDeleteFailed, std::move(reason));
  if (!done.ok()) spdlog::warn("cloudformation: {}: {}", stack_->name, done.error().message);
}

std::string Operation::names_in(std::string_view status) const {
  std::vector<std::string> names;
  for (const ResourceRecord& each : stack_->resources) {
    if (each.status == status) names.push_back(each.name);
  }
  return fmt::format("[{}]", fmt::join(names, ", "));
}

bool Operation::is_ready(const ResourceRecord& resource, Turn turn) const {
  if (turn == Turn::kMake) {
    return std::all_of(resource.needs.begin(), resource.needs.end(), [&](const auto& name) {
      const ResourceRecord* needed = stack_->find(name);
      return needed == nullptr || needed->status == status::kCreateComplete;
    });
  }
  // Whoever needs it goes first; what cannot go keeps what it needs.
  return std::none_of(
      stack_->resources.begin(), stack_->resources.end(), [&](const ResourceRecord& other) {
        const bool needs =
            std::find(other.needs.begin(), other.needs.end(), resource.name) != other.needs.end();
        return needs && other.is_there() && other.status != status::kDeleteSkipped;
      });
}

Task<void> Operation::each_in_order(Turn turn) {
  const bool removing = turn == Turn::kRemove;
  std::set<std::string> taken;
  while (true) {
    for (ResourceRecord& resource : stack_->resources) {
      const bool stops = broken_ || stacks_.stopping_ || (failed_ && !removing);
      if (stops || running_ >= kMostAtOnce) break;
      // A deletion that is asked for again tries again what failed.
      const bool again = removing && resource.status == status::kDeleteFailed;
      if (taken.contains(resource.name) || (is_finished(resource, removing) && !again)) continue;
      if (!is_ready(resource, turn)) continue;
      taken.insert(resource.name);
      ++running_;
      start(take(self_, resource.name, turn));
    }
    if (running_ == 0) co_return;
    co_await bell_.wait();
  }
}

Task<void> Operation::take(std::shared_ptr<Operation> self, std::string name, Turn turn) {
  ResourceRecord& resource = *self->stack_->find(name);
  Status done;
  if (turn == Turn::kMake) {
    done = co_await self->make(resource);
  } else {
    done = co_await self->unmake(resource);
  }
  if (!done.ok()) {
    self->broken_ = true;
    spdlog::error("cloudformation: {} stops where it is: {}", self->stack_->name,
                  done.error().message);
  }
  --self->running_;
  self->bell_.ring();
}

// The status tells of the store only; that the resource could not be made is recorded.
Task<Status> Operation::make(ResourceRecord& resource) {
  auto made = co_await order(resource);
  if (made.ok()) {
    resource.physical_id = made->physical_id;
    resource.attributes = std::move(made->attributes);
    std::string none;
    co_return co_await record(resource, status::kCreateComplete, std::move(none));
  }
  if (broken_) co_return Status();
  failed_ = true;
  std::string reason = made.error().message;
  co_return co_await record(resource, status::kCreateFailed, std::move(reason));
}

Task<Result<MadeResource>> Operation::order(ResourceRecord& resource) {
  const ResourceDefinition& written = *blueprint_->of().find_resource(resource.name);
  TARN_CO_TRY(const Value properties, evaluate(written.properties, blueprint_->names()));
  resource.properties = Json::parse(to_json(properties).dump());
  const bool is_repeated = resource.status == status::kCreateInProgress;
  std::string none;
  TARN_CO_CHECK(co_await record(resource, status::kCreateInProgress, std::move(none)));
  ResourceOrder order;
  TARN_CO_TRY(order.caller, caller());
  order.stack_name = stack_->name;
  order.logical_id = resource.name;
  order.physical_name = resource.physical_name;
  order.properties = resource.properties;
  order.is_repeated = is_repeated;
  order.tags = stack_->tags;
  co_return co_await stacks_.around_.types.find(resource.type)->create(std::move(order));
}

Task<Status> Operation::unmake(ResourceRecord& resource) {
  const auto& retained = stack_->retained;
  const bool asked = std::find(retained.begin(), retained.end(), resource.name) != retained.end();
  const bool rolls_back = stack_->status == status::kRollbackInProgress;
  const bool kept = resource.on_delete == Disposal::kRetain ||
                    (resource.on_delete == Disposal::kRetainExceptOnCreate && !rolls_back);
  std::string none;
  if (asked || kept) co_return co_await record(resource, status::kDeleteSkipped, std::move(none));
  TARN_CO_CHECK(co_await record(resource, status::kDeleteInProgress, std::move(none)));
  auto by = caller();
  Status gone;
  if (by.ok()) {
    const ResourceType* type = stacks_.around_.types.find(resource.type);
    std::string id = resource.physical_id;
    Json properties = resource.properties;
    gone = co_await type->remove(std::move(*by), std::move(id), std::move(properties));
  } else {
    gone = std::move(by).error();
  }
  std::string reason = gone.ok() ? "" : gone.error().message;
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
  EventRecord event;
  event.name = resource.name;
  event.physical_id = resource.physical_id;
  event.type = resource.type;
  event.status = status;
  event.reason = std::move(reason);
  event.properties = resource.properties.dump();
  store::Batch batch;
  ResourceRecord kept = resource;
  // Gone, or never there: the record stays, without what it was.
  if (status == status::kDeleteComplete) kept.physical_id.clear();
  batch.put(store::Space::kCloudFormation, resource_key(*stack_, resource), encode(kept));
  co_return co_await commit(std::move(batch), std::move(event));
}

Task<Status> Operation::record_stack(std::string_view status, std::string reason) {
  stack_->status = status;
  stack_->reason = reason;
  EventRecord event;
  event.name = stack_->name;
  event.physical_id = stack_->id;
  event.type = kStackType;
  event.status = status;
  event.reason = std::move(reason);
  store::Batch batch;
  co_return co_await commit(std::move(batch), std::move(event));
}

Task<Status> Operation::record_begin(std::string reason) {
  stack_->status = status::kCreateInProgress;
  stack_->reason = reason;
  EventRecord event;
  event.name = stack_->name;
  event.physical_id = stack_->id;
  event.type = kStackType;
  event.status = stack_->status;
  event.reason = std::move(reason);
  store::Batch batch;
  for (const ResourceRecord& each : stack_->resources)
    batch.put(store::Space::kCloudFormation, resource_key(*stack_, each), encode(each));
  co_return co_await commit(std::move(batch), std::move(event));
}

Task<Status> Operation::finish(std::string_view status, std::string reason) {
  const std::string keys = std::exchange(stack_->access_key_id, {});
  TARN_CO_CHECK(co_await record_stack(status, std::move(reason)));
  auto& credentials = stacks_.around_.credentials;
  const auto revoke = [&] {
    return credentials.revoke(keys);
  };
  co_return co_await stacks_.around_.platform.tasks.offload(revoke);
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
  const auto keys = stacks_.around_.credentials.find(stack_->access_key_id);
  if (!keys) {
    return tarn::Error("AccessDenied",
                       "the keys of who began this operation ended while the server was stopped");
  }
  Caller out;
  out.kind = keys->kind;
  out.account_id = keys->account_id;
  out.arn = keys->arn;
  out.user_id = keys->user_id;
  out.access_key_id = keys->access_key_id;
  out.region = stack_->region;
  out.session = keys->session;
  return out;
}

}  // namespace tarn::cloudformation
