// Updates: each resource that changes is made anew or changed in place, in the order of the new
// template; then what was replaced or is not wanted any more goes (the clean-up). What fails is put
// back to what it was before, in the order of the old one, and what was made goes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/cloudformation/operation.h"

namespace tarn::cloudformation {
namespace {

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool takes_tags(const ResourceType& type) {
  const auto all = type.properties();
  return std::any_of(all.begin(), all.end(), [](const Property& each) {
    return each.name == "Tags" && each.on_change == OnChange::kUpdates;
  });
}

bool is_same(const ResourceType& type, const ResourceState& one, const Json& properties,
             const std::map<std::string, std::string>& tags) {
  if (type.always_updates() || !is_alike(one.properties, properties)) return false;
  return !takes_tags(type) || one.tags == tags;
}

void begin_phase(StackRecord& stack) {
  for (ResourceRecord& each : stack.resources) each.step = Step::kNone;
}

// The resource is to be another one: what it is now goes in the clean-up.
void supplant(ResourceRecord& resource, Disposal on_replace, std::string physical_name) {
  ResourceState old = resource;
  old.on_replace = on_replace;
  if (resource.before) old.needs = resource.before->needs;
  resource.leftovers.push_back(std::move(old));
  resource.physical_id.clear();
  resource.attributes = Json::object();
  resource.physical_name = std::move(physical_name);
}

// Back to the resource that was there before the update; one that was made in its place goes.
void reinstate(ResourceRecord& resource) {
  const ResourceState before = *resource.before;
  resource.replacing = false;
  if (resource.physical_id == before.physical_id) return;
  const ResourceState made = resource;
  auto& leftovers = resource.leftovers;
  const auto old = std::find_if(leftovers.begin(), leftovers.end(), [&](const auto& each) {
    return each.physical_id == before.physical_id;
  });
  static_cast<ResourceState&>(resource) = old == leftovers.end() ? before : *old;
  if (old != leftovers.end()) leftovers.erase(old);
  if (!made.is_there()) return;
  leftovers.push_back(made);
  leftovers.back().on_replace = Disposal::kDelete;
}

}  // namespace

Task<void> Operation::update() {
  auto drawn = Blueprint::draw(*stack_, stacks_.around_.types, *this);
  if (!drawn.ok()) {
    std::string reason = drawn.error().message;
    co_await roll_back_update(std::move(reason));
    co_return;
  }
  blueprint_ = std::move(*drawn);
  const Status spared = co_await refuse_removals();
  if (!spared.ok()) co_return;
  co_await each_in_order(Turn::kRenew);
  if (broken_ || stacks_.stopping_) co_return;
  Result<std::vector<OutputRecord>> outputs = std::vector<OutputRecord>();
  if (stack_->is_cancelled) {
    outputs = tarn::Error("Cancelled", "User Initiated");
  } else if (failed_) {
    outputs = tarn::Error("Failed", failures());
  } else {
    outputs = checked_outputs();
  }
  if (!outputs.ok()) {
    std::string reason = outputs.error().message;
    stack_->failure = reason;
    if (stack_->keeps_failure && !stack_->is_cancelled) {
      co_await finish(status::kUpdateFailed, std::move(reason));
    } else {
      co_await roll_back_update(std::move(reason));
    }
    co_return;
  }
  stack_->outputs = std::move(*outputs);
  begin_phase(*stack_);
  std::string none;
  const std::string keys = stack_->access_key_id;
  // A nested stack keeps what it replaced until its parent's update is complete.
  if (stack_->waits) stack_->access_key_id.clear();
  const Status begun = co_await record_phase(status::kUpdateCleanup, std::move(none));
  if (!begun.ok()) co_return;
  if (stack_->waits) {
    co_await give_back(keys);
  } else {
    co_await clean_up();
  }
}

Status Operation::check_policy(const ResourceRecord& resource, Touch touch) const {
  const std::string& text = stack_->policy_during.empty() ? stack_->policy : stack_->policy_during;
  if (text.empty()) return {};
  TARN_TRY(const StackPolicy policy, StackPolicy::parse(text));
  return policy.check(touch, resource.name, resource.type);
}

// The resource fails without having been touched; a rollback tells it as one that is put back.
Task<Status> Operation::refuse(ResourceRecord& resource, tarn::Error why) {
  resource.touched = true;
  Result<MadeResource> none = std::move(why);
  co_return co_await conclude(resource, std::move(none), status::kUpdateComplete,
                              status::kUpdateFailed);
}

Task<Status> Operation::refuse_removals() {
  for (ResourceRecord& each : stack_->resources) {
    if (each.wanted || !each.is_there()) continue;
    const Status allowed = check_policy(each, Touch::kDelete);
    if (allowed.ok()) continue;
    tarn::Error why = allowed.error();
    TARN_CO_CHECK(co_await refuse(each, std::move(why)));
  }
  co_return Status();
}

Task<void> Operation::roll_back_update(std::string reason) {
  failed_ = false;
  begin_phase(*stack_);
  const Status begun = co_await record_phase(status::kUpdateRollback, std::move(reason));
  if (begun.ok()) co_await restore_all();
}

Task<void> Operation::restore_all() {
  co_await each_in_order(Turn::kRestore);
  if (broken_ || stacks_.stopping_) co_return;
  stack_->waits = false;
  if (failed_) {
    std::string reason = fmt::format("The following resource(s) failed to update: {}.",
                                     names_in(status::kUpdateFailed));
    co_await finish(status::kUpdateRollbackFailed, std::move(reason));
    co_return;
  }
  static_cast<StackState&>(*stack_) = *stack_->before;
  begin_phase(*stack_);
  std::string none;
  const Status begun = co_await record_phase(status::kUpdateRollbackCleanup, std::move(none));
  if (begun.ok()) co_await clean_up();
}

// What cannot be removed does not fail the update: it is not the stack's any more.
Task<void> Operation::clean_up() {
  co_await each_in_order(Turn::kClean);
  if (broken_ || stacks_.stopping_) co_return;
  const bool back = stack_->status == status::kUpdateRollbackCleanup;
  std::string reason;
  if (failed_) {
    reason = fmt::format("{} successful. One or more resources could not be deleted.",
                         back ? "Update rollback" : "Update");
  }
  const Status done = co_await forget(
      back ? status::kUpdateRollbackComplete : status::kUpdateComplete, std::move(reason));
  if (!done.ok()) spdlog::warn("cloudformation: {}: {}", stack_->name, done.error().message);
}

Task<Status> Operation::forget(std::string_view status, std::string reason) {
  const bool back =
      stack_->status == status::kUpdateRollbackCleanup || stack_->status == status::kImportRollback;
  store::Batch batch;
  std::erase_if(stack_->resources, [&](const ResourceRecord& each) {
    if (back ? each.before.has_value() : each.wanted) return false;
    batch.remove(store::Space::kCloudFormation, resource_key(*stack_, each));
    return true;
  });
  for (ResourceRecord& each : stack_->resources) {
    each.wanted = true;
    each.touched = false;
    each.replacing = false;
    each.step = Step::kNone;
    each.before.reset();
    each.leftovers.clear();
    batch.put(store::Space::kCloudFormation, resource_key(*stack_, each), encode(each));
  }
  stack_->before.reset();
  stack_->skipped.clear();
  stack_->is_cancelled = false;
  if (!back && !stack_->policy_next.empty()) stack_->policy = stack_->policy_next;
  stack_->policy_during.clear();
  stack_->policy_next.clear();
  const std::string keys = std::exchange(stack_->access_key_id, {});
  EventRecord event = stack_event(status, std::move(reason));
  batch.put(store::Space::kCloudFormation, stack_key(*stack_), encode(*stack_));
  TARN_CO_CHECK(co_await commit(std::move(batch), std::move(event)));
  co_await give_back(keys);
  co_return Status();
}

Task<Status> Operation::renew(ResourceRecord& resource) {
  const bool is_unmade = resource.status.empty() || resource.status == status::kCreateInProgress ||
                         resource.status == status::kCreateFailed;
  if (is_unmade) co_return co_await make(resource);
  auto properties = evaluated(resource);
  if (!properties.ok()) {
    Result<MadeResource> none = std::move(properties).error();
    co_return co_await conclude(resource, std::move(none), status::kUpdateComplete,
                                status::kUpdateFailed);
  }
  ResourceBefore before{resource.properties, resource.tags};
  const bool is_repeated = resource.step == Step::kTaken;
  if (is_repeated) {
    // It was cut: what it was then is what it was before the update.
    if (resource.before) before = {resource.before->properties, resource.before->tags};
  } else {
    const ResourceType& type = type_of(resource);
    const bool again = resource.status == status::kUpdateFailed;
    if (!again && is_same(type, resource, *properties, stack_->tags)) {
      resource.step = Step::kDone;
      co_return Status();
    }
    const bool replaces = type.replaces(resource.properties, *properties);
    const Status allowed = check_policy(resource, replaces ? Touch::kReplace : Touch::kModify);
    if (!allowed.ok()) {
      tarn::Error why = allowed.error();
      co_return co_await refuse(resource, std::move(why));
    }
    resource.replacing = replaces;
    std::string reason;
    if (resource.replacing) {
      reason =
          "Requested update requires the creation of a new "
          "physical resource; hence creating one.";
      supplant(resource, blueprint_->of().find_resource(resource.name)->on_replace,
               made_up_name(stack_->name, resource.name, stacks_.around_.platform.random));
    }
    resource.properties = *std::move(properties);
    resource.tags = stack_->tags;
    resource.touched = true;
    resource.step = Step::kTaken;
    TARN_CO_CHECK(co_await record(resource, status::kUpdateInProgress, std::move(reason)));
  }
  Result<MadeResource> made = MadeResource{};
  if (resource.replacing) {
    made = co_await order_new(resource, is_repeated);
  } else {
    made = co_await order_change(resource, std::move(before), is_repeated);
    // A function may have made another one, as it says by another id: the old one goes.
    if (made.ok() && resource.before && made->physical_id != resource.before->physical_id)
      resource.leftovers.push_back(*resource.before);
  }
  co_return co_await conclude(resource, std::move(made), status::kUpdateComplete,
                              status::kUpdateFailed);
}

Task<Status> Operation::restore(ResourceRecord& resource) {
  if (!resource.touched) {
    static_cast<ResourceState&>(resource) = *resource.before;
    resource.step = Step::kDone;
    co_return Status();
  }
  reinstate(resource);
  const ResourceBefore attempted{resource.properties, resource.tags};
  const ResourceType& type = type_of(resource);
  const bool as_it_was = has(stack_->skipped, resource.name) ||
                         is_same(type, *resource.before, attempted.properties, attempted.tags);
  std::string none;
  TARN_CO_CHECK(co_await record(resource, status::kUpdateInProgress, std::move(none)));
  Result<MadeResource> made =
      MadeResource{resource.before->physical_id, resource.before->attributes};
  const ResourceState tried = resource;
  static_cast<ResourceState&>(resource) = *resource.before;
  if (!as_it_was) made = co_await order_change(resource, attempted, false);
  if (made.ok()) {
    resource.touched = false;
  } else {
    // What it is to be put back from, the next time.
    static_cast<ResourceState&>(resource) = tried;
  }
  co_return co_await conclude(resource, std::move(made), status::kUpdateComplete,
                              status::kUpdateFailed);
}

Task<Status> Operation::remove_leftovers(ResourceRecord& resource) {
  while (!resource.leftovers.empty()) {
    const ResourceState old = resource.leftovers.front();
    std::string reason;
    std::string_view ends = status::kDeleteSkipped;
    if (old.on_replace == Disposal::kDelete) {
      std::string none;
      TARN_CO_CHECK(co_await tell(resource, old, status::kDeleteInProgress, std::move(none)));
      const Status gone = co_await order_removal(resource, old);
      if (!gone.ok() && is_cut(gone.error())) co_return Status();
      ends = gone.ok() ? status::kDeleteComplete : status::kDeleteFailed;
      if (!gone.ok()) {
        failed_ = true;
        reason = gone.error().message;
      }
    }
    resource.leftovers.erase(resource.leftovers.begin());
    TARN_CO_CHECK(co_await tell(resource, old, ends, std::move(reason)));
  }
  co_return Status();
}

Task<Status> Operation::clean(ResourceRecord& resource) {
  TARN_CO_CHECK(co_await remove_leftovers(resource));
  if (stacks_.stopping_) co_return Status();
  if (goes_in_cleanup(*stack_, resource)) {
    TARN_CO_CHECK(co_await unmake(resource));
    if (stacks_.stopping_ && resource.status == status::kDeleteInProgress) co_return Status();
    failed_ = failed_ || resource.status == status::kDeleteFailed;
  } else if (resource.wanted && stack_->status == status::kUpdateCleanup) {
    TARN_CO_TRY(ResourceOrder order, order_for(resource, resource));
    const Status settled = co_await type_of(resource).settle(std::move(order));
    if (!settled.ok() && is_cut(settled.error())) co_return Status();
    failed_ = failed_ || !settled.ok();
  }
  resource.step = Step::kDone;
  co_return Status();
}

}  // namespace tarn::cloudformation
