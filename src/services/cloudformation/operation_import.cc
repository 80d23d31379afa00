// Imports: resources that are there become a stack's, as its template describes them. Nothing is
// made or removed; where one cannot be adopted, the stack is what it was.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/cloudformation/operation.h"

namespace tarn::cloudformation {
namespace {

bool is_adopted(const ResourceRecord& resource) {
  return resource.before || resource.status == status::kUpdateComplete;
}

}  // namespace

Task<void> Operation::adopt_all() {
  auto drawn = Blueprint::draw(*stack_, stacks_.around_.types, *this);
  Status done;
  if (drawn.ok()) {
    blueprint_ = std::move(*drawn);
  } else {
    done = std::move(drawn).error();
  }
  // All of them first: their properties may name one another.
  for (ResourceRecord& each : stack_->resources) {
    if (done.ok() && !is_adopted(each)) done = co_await adopt(each);
  }
  for (ResourceRecord& each : stack_->resources) {
    if (done.ok() && !is_adopted(each)) done = co_await mark(each);
  }
  if (broken_ || (!done.ok() && is_cut(done.error()))) co_return;
  if (done.ok()) {
    auto outputs = checked_outputs();
    if (outputs.ok()) {
      stack_->outputs = std::move(*outputs);
      std::string none;
      done = co_await forget(status::kImportComplete, std::move(none));
      if (!done.ok()) spdlog::warn("cloudformation: {}: {}", stack_->name, done.error().message);
      co_return;
    }
    done = std::move(outputs).error();
  }
  std::string reason = done.error().message;
  static_cast<StackState&>(*stack_) = *stack_->before;
  const Status begun = co_await record_phase(status::kImportRollback, std::move(reason));
  if (begun.ok()) co_await end_import();
}

Task<void> Operation::end_import() {
  std::string none;
  const Status done = co_await forget(status::kImportRollbackComplete, std::move(none));
  if (!done.ok()) spdlog::warn("cloudformation: {}: {}", stack_->name, done.error().message);
}

Task<Status> Operation::adopt(ResourceRecord& resource) {
  std::string started = "Resource import started.";
  TARN_CO_CHECK(co_await record(resource, status::kImportInProgress, std::move(started)));
  const std::string other = stacks_.holder(*stack_, resource.type, resource.physical_id);
  Result<std::optional<PresentResource>> present = std::optional<PresentResource>();
  if (other.empty()) {
    TARN_CO_TRY(ResourceOrder order, order_for(resource, resource));
    present = co_await read_now(type_of(resource), std::move(order));
  }
  if (present.ok() && *present) {
    resource.attributes = (*present)->attributes;
    std::string completed = "Resource import completed.";
    co_return co_await record(resource, status::kImportComplete, std::move(completed));
  }
  tarn::Error why =
      present.ok() ? tarn::Error("ValidationError",
                                 fmt::format("Resource {} of type {} with identifier {} {}",
                                             resource.name, resource.type, resource.physical_id,
                                             other.empty() ? "does not exist"
                                                           : "is in stack " + other + " already"),
                                 400)
                   : std::move(present).error();
  std::string reason = why.message;
  TARN_CO_CHECK(co_await record(resource, status::kImportFailed, std::move(reason)));
  co_return why;
}

Task<Status> Operation::mark(ResourceRecord& resource) {
  TARN_CO_TRY(resource.properties, evaluated(resource));
  resource.tags = stack_->tags;
  std::string reason = "Apply stack-level tags to imported resource if applicable.";
  TARN_CO_CHECK(co_await record(resource, status::kUpdateInProgress, std::move(reason)));
  TARN_CO_TRY(ResourceOrder order, order_for(resource, resource));
  ResourceBefore before{resource.properties, {}};
  try {
    TARN_CO_CHECK(co_await resolve(order));
    TARN_CO_TRY(MadeResource made,
                co_await type_of(resource).update(std::move(order), std::move(before)));
    resource.attributes = std::move(made.attributes);
  } catch (const Json::exception& error) {
    co_return tarn::Error("ValidationError", error.what(), 400);
  }
  std::string none;
  co_return co_await record(resource, status::kUpdateComplete, std::move(none));
}

}  // namespace tarn::cloudformation
