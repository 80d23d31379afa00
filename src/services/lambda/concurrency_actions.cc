// PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency.
#include <utility>

#include <fmt/format.h>

#include "services/lambda/actions.h"
#include "services/lambda/request.h"

namespace tarn::lambda {
namespace {

Task<Status> reserve(Lambda& lambda, const Caller& caller, std::string given,
                     std::optional<int> reserved) {
  TARN_CO_TRY(const Functions::Entry there, find_function(lambda, caller, given));
  Functions::Change change = [&](FunctionRecord& function) -> Status {
    function.reserved_concurrency = reserved;
    return {};
  };
  std::string region = caller.region;
  std::string name = there->name;
  TARN_CO_TRY(
      [[maybe_unused]] const Functions::Entry changed,
      co_await lambda.functions.change(std::move(region), std::move(name), std::move(change)));
  co_return Status();
}

}  // namespace

Task<Result<Concurrency>> handle(PutFunctionConcurrency, Lambda& lambda, const Caller& caller,
                                 PutFunctionConcurrencyRequest input) {
  if (static_cast<std::size_t>(input.reserved_concurrent_executions) > kMostEnvironments) {
    co_return invalid(fmt::format(
        "Specified ReservedConcurrentExecutions is more than the {} that this machine runs at a "
        "time.",
        kMostEnvironments));
  }
  std::string name = input.function_name;
  TARN_CO_CHECK(
      co_await reserve(lambda, caller, std::move(name), input.reserved_concurrent_executions));
  Concurrency out;
  out.reserved_concurrent_executions = input.reserved_concurrent_executions;
  co_return out;
}

Task<Result<GetFunctionConcurrencyResponse>> handle(GetFunctionConcurrency, Lambda& lambda,
                                                    const Caller& caller,
                                                    GetFunctionConcurrencyRequest input) {
  TARN_CO_TRY(const Functions::Entry function, find_function(lambda, caller, input.function_name));
  GetFunctionConcurrencyResponse out;
  out.reserved_concurrent_executions = function->reserved_concurrency;
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteFunctionConcurrency, Lambda& lambda, const Caller& caller,
                                DeleteFunctionConcurrencyRequest input) {
  std::string name = input.function_name;
  TARN_CO_CHECK(co_await reserve(lambda, caller, std::move(name), std::nullopt));
  co_return wire::Unit();
}

}  // namespace tarn::lambda
