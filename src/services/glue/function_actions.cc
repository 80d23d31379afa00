// CreateUserDefinedFunction, GetUserDefinedFunction, GetUserDefinedFunctions,
// UpdateUserDefinedFunction, DeleteUserDefinedFunction.
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/request.h"

namespace tarn::glue {

Task<Result<CreateUserDefinedFunctionResponse>> handle(CreateUserDefinedFunction,
                                                       GlueService& service, const Caller& caller,
                                                       CreateUserDefinedFunctionRequest input) {
  const auto work = [&]() -> Result<CreateUserDefinedFunctionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(service.metastore().create_function(owner, input.database_name,
                                                   std::move(input.function_input)));
    return CreateUserDefinedFunctionResponse();
  };
  co_return co_await on_disk<CreateUserDefinedFunctionResponse>(service, work);
}

Task<Result<GetUserDefinedFunctionResponse>> handle(GetUserDefinedFunction, GlueService& service,
                                                    const Caller& caller,
                                                    GetUserDefinedFunctionRequest input) {
  const auto work = [&]() -> Result<GetUserDefinedFunctionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    GetUserDefinedFunctionResponse out;
    TARN_TRY(out.user_defined_function,
             service.metastore().function(owner, input.database_name, input.function_name));
    return out;
  };
  co_return co_await on_disk<GetUserDefinedFunctionResponse>(service, work);
}

Task<Result<GetUserDefinedFunctionsResponse>> handle(GetUserDefinedFunctions, GlueService& service,
                                                     const Caller& caller,
                                                     GetUserDefinedFunctionsRequest input) {
  const auto work = [&]() -> Result<GetUserDefinedFunctionsResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_TRY(auto page, service.metastore().functions(
                            owner, input.database_name, input.pattern, input.function_type,
                            page_of(input.next_token, input.max_results)));
    GetUserDefinedFunctionsResponse out;
    out.user_defined_functions = std::move(page.entries);
    out.next_token = std::move(page.next_token);
    return out;
  };
  co_return co_await on_disk<GetUserDefinedFunctionsResponse>(service, work);
}

Task<Result<UpdateUserDefinedFunctionResponse>> handle(UpdateUserDefinedFunction,
                                                       GlueService& service, const Caller& caller,
                                                       UpdateUserDefinedFunctionRequest input) {
  const auto work = [&]() -> Result<UpdateUserDefinedFunctionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(service.metastore().update_function(owner, input.database_name, input.function_name,
                                                   std::move(input.function_input)));
    return UpdateUserDefinedFunctionResponse();
  };
  co_return co_await on_disk<UpdateUserDefinedFunctionResponse>(service, work);
}

Task<Result<DeleteUserDefinedFunctionResponse>> handle(DeleteUserDefinedFunction,
                                                       GlueService& service, const Caller& caller,
                                                       DeleteUserDefinedFunctionRequest input) {
  const auto work = [&]() -> Result<DeleteUserDefinedFunctionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(
        service.metastore().delete_function(owner, input.database_name, input.function_name));
    return DeleteUserDefinedFunctionResponse();
  };
  co_return co_await on_disk<DeleteUserDefinedFunctionResponse>(service, work);
}

}  // namespace tarn::glue
