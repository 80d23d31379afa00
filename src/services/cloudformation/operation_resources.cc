// Resources, taken in their order: what is asked of their types, and what comes of it.
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/cloudformation/dynamic_references.h"
#include "services/cloudformation/operation.h"

namespace tarn::cloudformation {
namespace {

// A property of another form than its type reads: a text where a map should be.
tarn::Error misshapen(const Json::exception& error) {
  return {"ValidationError",
          fmt::format("Properties validation failed: a property has a form that its type does not "
                      "take: {}",
                      error.what()),
          400};
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
  bool stops() const override { return operation_->stacks_.stopping_ || operation_->is_late(); }

 private:
  std::shared_ptr<Operation> operation_;
  std::string resource_;
};

Task<void> Operation::each_in_order(Turn turn) {
  TakingOrder order(*stack_, turn);
  while (true) {
    const bool began = begin_some(order, turn);
    if (running_ > 0) {
      co_await bell_.wait();
    } else if (!began) {
      co_return;
    }
  }
}

bool Operation::begin_some(TakingOrder& order, Turn turn) {
  if (stops(turn) || running_ >= kMostAtOnce) return false;
  std::vector<ResourceRecord*> ready = order.take_ready(kMostAtOnce - running_);
  if (ready.empty() && running_ == 0 && turn == Turn::kClean) {
    if (ResourceRecord* stuck = order.take_any()) ready.push_back(stuck);
  }
  for (const ResourceRecord* each : ready) {
    ++running_;
    start(take(self_, each->name, turn));
  }
  return !ready.empty();
}

bool Operation::is_late() const {
  if (stack_->timeout_minutes == 0 || stack_->status != status::kCreateInProgress) return false;
  const std::chrono::milliseconds taken(stacks_.around_.platform.clock.now().ms -
                                        stack_->created_ms);
  return taken >= std::chrono::minutes(stack_->timeout_minutes);
}

bool Operation::stops(Turn turn) {
  if (broken_ || stacks_.stopping_) return true;
  if (turn == Turn::kMake && is_late()) failed_ = true;
  if (turn == Turn::kRenew && stack_->is_cancelled) return true;
  return failed_ && (turn == Turn::kMake || turn == Turn::kRenew);
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
  return wire::parse_json(to_json(properties).dump());
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
  std::string reason =
      made.error().is(code::kCancelled) ? "Resource creation cancelled" : made.error().message;
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
  const auto& policy = blueprint_->of().find_resource(resource.name)->creation_policy;
  if (policy) {
    TARN_CO_TRY(const Value evaluated, evaluate(*policy, blueprint_->names()));
    order.creation_policy = wire::parse_json(to_json(evaluated).dump());
  }
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
  const bool keeps_new = resource.on_delete == Disposal::kRetain && !stack_->deletes_new;
  const bool kept = rolls_back ? keeps_new
                               : resource.on_delete == Disposal::kRetain ||
                                     resource.on_delete == Disposal::kRetainExceptOnCreate;
  std::string none;
  if (asked || kept) co_return co_await record(resource, status::kDeleteSkipped, std::move(none));
  TARN_CO_CHECK(co_await record(resource, status::kDeleteInProgress, std::move(none)));
  ResourceState state = static_cast<const ResourceState&>(resource);
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

}  // namespace tarn::cloudformation
