#include "services/servicecatalog/provisioning.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "platform/log.h"
#include "services/servicecatalog/launch_terms.h"
#include "services/servicecatalog/request.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

using cloudformation::LaunchedStack;

constexpr std::string_view kPrincipal = "servicecatalog.amazonaws.com";
constexpr std::chrono::milliseconds kLookEvery{50};
constexpr std::chrono::hours kKeysLife{1};  // the stack borrows keys of its own from them

Caller caller_of(const iam::Credential& keys, const std::string& region) {
  Caller out;
  out.kind = keys.kind;
  out.account_id = keys.account_id;
  out.arn = keys.arn;
  out.user_id = keys.user_id;
  out.access_key_id = keys.access_key_id;
  out.region = region;
  out.session = keys.session;
  return out;
}

std::vector<StackOutput> outputs_of(const LaunchedStack& stack) {
  std::vector<StackOutput> out = {
      {"CloudformationStackARN", stack.id, "The ARN of the launched Cloudformation Stack"}};
  for (const auto& each : stack.outputs) out.push_back({each.key, each.value, each.description});
  return out;
}

Error cancelled() {
  return {code::kCancelled, "the server ends"};
}

}  // namespace

std::string stack_name_of(std::string_view account_id, std::string_view provisioned_id) {
  return fmt::format("SC-{}-{}", account_id, provisioned_id);
}

std::string provisioned_arn(std::string_view account_id, std::string_view region,
                            const ProvisionedRecord& product) {
  return make_arn("servicecatalog", region, account_id,
                  fmt::format("stack/{}/{}", product.name, product.id));
}

void Provisioning::begin(std::string region, std::string record_id) {
  ++operations_;
  start(run(std::move(region), std::move(record_id)), [this] {
    --operations_;
    rested_.ring();
  });
}

void Provisioning::resume() {
  for (auto& [region, id] : around_.catalog.open_operations()) begin(region, id);
}

Task<void> Provisioning::shut_down() {
  stopping_ = true;
  while (operations_ > 0) co_await rested_.wait();
}

Task<Status> Provisioning::note(std::string region, std::string record_id, Edit edit) {
  const Catalog::Change put = [&](Draft& draft) -> Status {
    const auto operation = draft.find<OperationRecord>(record_id);
    OperationRecord changed = *operation;
    changed.updated_ms = around_.platform.clock.now().ms;
    const auto product = draft.find<ProvisionedRecord>(changed.provisioned_id);
    ProvisionedRecord of = product == nullptr ? ProvisionedRecord() : *product;
    edit(changed, of);
    draft.put(changed);
    if (product != nullptr && of.status.empty()) draft.remove(of);
    if (product != nullptr && !of.status.empty()) draft.put(of);
    return {};
  };
  const auto work = [&] {
    return around_.catalog.change(region, put);
  };
  co_return co_await around_.platform.tasks.offload(work);
}

Task<void> Provisioning::run(std::string region, std::string record_id) {
  const Edit begun = [](OperationRecord& operation, ProvisionedRecord& /*product*/) {
    operation.status = "IN_PROGRESS";
  };
  const Status noted = co_await note(region, record_id, begun);
  if (!noted.ok()) {
    spdlog::warn("servicecatalog: {}: {}", record_id, noted.error().message);
    co_return;
  }
  Entry<OperationRecord> operation = around_.catalog.find<OperationRecord>(region, record_id);
  Result<Outcome> outcome = co_await operate(region, operation);
  if (!outcome.ok() && outcome.error().is(code::kCancelled)) co_return;
  co_await finish(region, record_id, std::move(outcome));
}

Task<Result<Provisioning::Outcome>> Provisioning::operate(std::string region,
                                                          Entry<OperationRecord> operation) {
  if (operation->type == "TERMINATE_PROVISIONED_PRODUCT")
    co_return co_await terminate(region, operation);
  TARN_CO_TRY(Caller caller, co_await operator_of(region, operation));
  if (operation->type == "PROVISION_PRODUCT") co_return co_await provision(caller, operation);
  co_return co_await update(caller, operation);
}

Task<Result<Caller>> Provisioning::operator_of(std::string region,
                                               Entry<OperationRecord> operation) {
  const std::string& arn = operation->plan.launch_role;
  if (arn.empty()) {
    const auto keys = around_.identities.credentials.find(operation->keys);
    if (keys) co_return caller_of(*keys, region);
    co_return Error("AccessDeniedException", "The caller's keys are not known any more.");
  }
  const auto role = around_.identities.roles.find_role(arn);
  if (role == nullptr || !iam::trusts(*role, kPrincipal)) {
    co_return Error("AccessDeniedException",
                    fmt::format("Access denied while assuming the role {}: {}.", arn,
                                role == nullptr ? std::string("there is no such role")
                                                : fmt::format("its trust policy does not name {}",
                                                              kPrincipal)));
  }
  const auto issue = [&] {
    return around_.identities.credentials.issue_role_session(*role, "servicecatalog", kKeysLife);
  };
  TARN_CO_TRY(const iam::Credential keys, co_await around_.platform.tasks.offload(issue));
  co_return caller_of(keys, region);
}

cloudformation::LaunchOrder Provisioning::order_of(const Caller& caller,
                                                   const OperationRecord& operation) const {
  const View view(around_.catalog, caller.region);
  cloudformation::LaunchOrder out;
  out.stack_name = stack_name_of(caller.account_id, operation.provisioned_id);
  if (const auto version = view.find<VersionRecord>(operation.plan.version_id))
    out.text = version->text;
  out.parameters = operation.plan.parameters;
  out.tags = operation.plan.tags;
  // By which everybody finds what a stack's resources were launched by.
  if (const auto product = view.find<ProvisionedRecord>(operation.provisioned_id)) {
    const std::string arn = provisioned_arn(caller.account_id, caller.region, *product);
    out.tags.merge(
        auto_tags(caller.account_id, caller.region, operation.plan, product->maker, arn));
  }
  out.notification_arns = operation.plan.notification_arns;
  out.rules =
      rules_of(constraints_of(view, operation.plan.portfolio_id, operation.plan.product_id));
  out.token = operation.id;
  return out;
}

Task<Result<LaunchedStack>> Provisioning::wait(std::string region, std::string record_id,
                                               std::string stack_id) {
  bool told_of_error = false;
  while (true) {
    const auto stack = around_.launches.find(stack_id);
    if (!stack)
      co_return Error("ValidationError", fmt::format("Stack with id {} does not exist", stack_id));
    if (!stack->is_busy) co_return *stack;
    const bool undoes = stack->status.find("ROLLBACK") != std::string::npos;
    if (undoes && !std::exchange(told_of_error, true)) {
      const Edit in_error = [](OperationRecord& operation, ProvisionedRecord& /*product*/) {
        operation.status = "IN_PROGRESS_IN_ERROR";
      };
      TARN_CO_CHECK(co_await note(region, record_id, in_error));
    }
    if (stopping_) co_return cancelled();
    co_await around_.platform.clock.sleep(kLookEvery);
  }
}

Task<Result<Provisioning::Outcome>> Provisioning::provision(Caller caller,
                                                            Entry<OperationRecord> operation) {
  cloudformation::LaunchOrder order = order_of(caller, *operation);
  const auto there = around_.launches.find_named(caller, order.stack_name);
  std::string stack_id;
  if (there && there->token == operation->id) {
    stack_id = there->id;
  } else {
    TARN_CO_TRY(stack_id, co_await around_.launches.create(caller, std::move(order)));
  }
  const Edit has_stack = [&](OperationRecord& changed, ProvisionedRecord& product) {
    changed.stack_id = stack_id;
    changed.outputs = {
        {"CloudformationStackARN", stack_id, "The ARN of the launched Cloudformation Stack"}};
    product.stack_id = stack_id;
  };
  TARN_CO_CHECK(co_await note(caller.region, operation->id, has_stack));
  std::string id = operation->id;
  TARN_CO_TRY(const LaunchedStack stack, co_await wait(caller.region, id, stack_id));
  Outcome out;
  out.outputs = outputs_of(stack);
  out.status = "AVAILABLE";
  if (stack.status == "CREATE_COMPLETE") co_return out;
  out.status = "ERROR";
  out.error_code = stack.status;
  out.error = stack.failure;
  co_return out;
}

Task<Result<Provisioning::Outcome>> Provisioning::update(Caller caller,
                                                         Entry<OperationRecord> operation) {
  std::string stack_id = operation->stack_id;
  const auto before = around_.launches.find(stack_id);
  if (!before || before->is_gone) {
    co_return Error("ValidationError",
                    "The provisioned product has no stack that could be "
                    "updated: terminate it, and provision it anew.");
  }
  Outcome out;
  out.status = "AVAILABLE";
  if (before->token != operation->id) {
    cloudformation::LaunchOrder order = order_of(caller, *operation);
    auto begun = co_await around_.launches.update(caller, stack_id, std::move(order));
    if (!begun.ok() && begun.error().message == cloudformation::kNoUpdates) {
      out.outputs = outputs_of(*before);
      co_return out;
    }
    if (!begun.ok()) co_return std::move(begun).error();
  }
  std::string id = operation->id;
  TARN_CO_TRY(const LaunchedStack stack, co_await wait(caller.region, id, stack_id));
  out.outputs = outputs_of(stack);
  if (stack.status == "UPDATE_COMPLETE") co_return out;
  out.status = stack.status == "UPDATE_ROLLBACK_COMPLETE" ? "TAINTED" : "ERROR";
  out.error_code = stack.status;
  out.error = stack.failure;
  co_return out;
}

Task<Result<Provisioning::Outcome>> Provisioning::terminate(std::string region,
                                                            Entry<OperationRecord> operation) {
  Outcome gone;
  const auto before = around_.launches.find(operation->stack_id);
  if (operation->retains || !before || before->is_gone) co_return gone;
  std::string stack_id = operation->stack_id;
  if (before->token != operation->id) {
    TARN_CO_TRY(const Caller caller, co_await operator_of(region, operation));
    TARN_CO_CHECK(co_await around_.launches.remove(caller, stack_id, operation->id));
  }
  std::string id = operation->id;
  TARN_CO_TRY(const LaunchedStack stack, co_await wait(region, id, stack_id));
  if (stack.is_gone) co_return gone;
  Outcome out;
  out.status = "TAINTED";
  out.error_code = stack.status;
  out.error = stack.failure;
  co_return out;
}

Task<Status> Provisioning::settle(std::string region, std::string record_id, Outcome outcome) {
  const Edit ended = [&](OperationRecord& operation, ProvisionedRecord& product) {
    const bool failed = !outcome.error.empty();
    operation.status = failed ? "FAILED" : "SUCCEEDED";
    operation.error_code = outcome.error_code;
    operation.error = outcome.error;
    if (!outcome.outputs.empty()) operation.outputs = outcome.outputs;
    product.status = outcome.status;
    product.status_message = outcome.error;
    if (!outcome.outputs.empty()) product.outputs = outcome.outputs;
    if (failed || product.status.empty()) return;
    product.plan = operation.plan;
    product.last_successful_record_id = operation.id;
  };
  co_return co_await note(std::move(region), std::move(record_id), ended);
}

Task<void> Provisioning::finish(std::string region, std::string record_id,
                                Result<Outcome> outcome) {
  const auto operation = around_.catalog.find<OperationRecord>(region, record_id);
  Outcome end;
  if (outcome.ok()) {
    end = *std::move(outcome);
  } else {
    // Nothing has become of what was asked: a product that was there is not what it should be.
    end.status = operation->stack_id.empty() ? "ERROR" : "TAINTED";
    end.error_code = outcome.error().code;
    end.error = outcome.error().message;
  }
  if (operation->ignores_errors && !end.error.empty()) end = Outcome();
  const Status settled = co_await settle(region, record_id, end);
  if (!settled.ok()) spdlog::warn("servicecatalog: {}: {}", record_id, settled.error().message);
}

}  // namespace tarn::servicecatalog
