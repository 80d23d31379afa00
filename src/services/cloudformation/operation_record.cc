// What an operation records: each step with its event, durable before it goes on.
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/cloudformation/operation.h"

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kStackType = "AWS::CloudFormation::Stack";

}  // namespace

Task<Status> Operation::record(ResourceRecord& resource, std::string_view status,
                               std::string reason) {
  resource.status = status;
  resource.reason = reason;
  resource.updated_ms = stacks_.around_.platform.clock.now().ms;
  resource.drift = Drift();
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
  batch.put(store::Space::kCloudFormation, stack_key(*stack_), encode(*stack_));
  co_return co_await commit(std::move(batch), std::move(event));
}

Task<Status> Operation::record_phase(std::string_view status, std::string reason) {
  EventRecord event = stack_event(status, std::move(reason));
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, stack_key(*stack_), encode(*stack_));
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
  batch.put(store::Space::kCloudFormation, count_key(stack_->id), std::to_string(stack_->events));
  Status written = co_await stacks_.around_.journal.commit(std::move(batch));
  if (!written.ok()) broken_ = true;
  co_return written;
}

}  // namespace tarn::cloudformation
