#include "services/cloudformation/operation.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "platform/log.h"
#include "services/cloudformation/dynamic_references.h"

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kLate = "Stack creation time exceeded the specified timeout. ";

tarn::Error not_there(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

Value value_of(const Json& attribute) {
  return from_json(nlohmann::ordered_json::parse(attribute.dump()));
}

std::string failed_to_delete(const std::string& names) {
  return names == "[]" ? "" : fmt::format("The following resource(s) failed to delete: {}.", names);
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
  } else if (status == status::kUpdateInProgress) {
    co_await self->update();
  } else if (status == status::kUpdateRollback) {
    co_await self->restore_all();
  } else if (status == status::kUpdateCleanup || status == status::kUpdateRollbackCleanup) {
    co_await self->clean_up();
  } else if (status == status::kImportInProgress) {
    co_await self->adopt_all();
  } else if (status == status::kImportRollback) {
    co_await self->end_import();
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
  std::string reason = is_late() ? std::string(kLate) : failures();
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

Result<Caller> Operation::caller() const {
  return stacks_.caller_with(stack_->access_key_id, stack_->region);
}

}  // namespace tarn::cloudformation
