// The handlers of every action, so that service.cc can list them. Each .cc names the actions it
// holds.
//
// Place: services/lambda. Threads: the control strand. Errors of each: those that the model and the
// overlay declare.
#pragma once

#include "services/lambda/api.h"
#include "services/lambda/service.h"

namespace tarn::lambda {

// function_actions.cc
Task<Result<FunctionConfiguration>> handle(CreateFunction, Lambda&, const Caller&,
                                           CreateFunctionRequest);
Task<Result<GetFunctionResponse>> handle(GetFunction, Lambda&, const Caller&, GetFunctionRequest);
Task<Result<FunctionConfiguration>> handle(GetFunctionConfiguration, Lambda&, const Caller&,
                                           GetFunctionConfigurationRequest);
Task<Result<FunctionConfiguration>> handle(UpdateFunctionCode, Lambda&, const Caller&,
                                           UpdateFunctionCodeRequest);
Task<Result<FunctionConfiguration>> handle(UpdateFunctionConfiguration, Lambda&, const Caller&,
                                           UpdateFunctionConfigurationRequest);
Task<Result<DeleteFunctionResponse>> handle(DeleteFunction, Lambda&, const Caller&,
                                            DeleteFunctionRequest);
Task<Result<ListFunctionsResponse>> handle(ListFunctions, Lambda&, const Caller&,
                                           ListFunctionsRequest);
Task<Result<GetAccountSettingsResponse>> handle(GetAccountSettings, Lambda&, const Caller&,
                                                GetAccountSettingsRequest);

// invoke_actions.cc
Task<Result<InvocationResponse>> handle(Invoke, Lambda&, const Caller&, InvocationRequest);

// version_actions.cc
Task<Result<FunctionConfiguration>> handle(PublishVersion, Lambda&, const Caller&,
                                           PublishVersionRequest);
Task<Result<ListVersionsByFunctionResponse>> handle(ListVersionsByFunction, Lambda&, const Caller&,
                                                    ListVersionsByFunctionRequest);

// alias_actions.cc
Task<Result<AliasConfiguration>> handle(CreateAlias, Lambda&, const Caller&, CreateAliasRequest);
Task<Result<AliasConfiguration>> handle(GetAlias, Lambda&, const Caller&, GetAliasRequest);
Task<Result<AliasConfiguration>> handle(UpdateAlias, Lambda&, const Caller&, UpdateAliasRequest);
Task<Result<wire::Unit>> handle(DeleteAlias, Lambda&, const Caller&, DeleteAliasRequest);
Task<Result<ListAliasesResponse>> handle(ListAliases, Lambda&, const Caller&, ListAliasesRequest);

// permission_actions.cc
Task<Result<AddPermissionResponse>> handle(AddPermission, Lambda&, const Caller&,
                                           AddPermissionRequest);
Task<Result<wire::Unit>> handle(RemovePermission, Lambda&, const Caller&, RemovePermissionRequest);
Task<Result<GetPolicyResponse>> handle(GetPolicy, Lambda&, const Caller&, GetPolicyRequest);

// tag_actions.cc
Task<Result<wire::Unit>> handle(TagResource, Lambda&, const Caller&, TagResourceRequest);
Task<Result<wire::Unit>> handle(UntagResource, Lambda&, const Caller&, UntagResourceRequest);
Task<Result<ListTagsResponse>> handle(ListTags, Lambda&, const Caller&, ListTagsRequest);

// concurrency_actions.cc
Task<Result<Concurrency>> handle(PutFunctionConcurrency, Lambda&, const Caller&,
                                 PutFunctionConcurrencyRequest);
Task<Result<GetFunctionConcurrencyResponse>> handle(GetFunctionConcurrency, Lambda&, const Caller&,
                                                    GetFunctionConcurrencyRequest);
Task<Result<wire::Unit>> handle(DeleteFunctionConcurrency, Lambda&, const Caller&,
                                DeleteFunctionConcurrencyRequest);

// What PublishVersion does, for those that publish besides: the version's name. Errors: of the
// store.
[[nodiscard]] Version publish(FunctionRecord& function, const std::string& description,
                              const std::string& revision);
// Adds tags to a function's. Error: InvalidParameterValueException ("aws:", more than 50).
[[nodiscard]] Status add_tags(const Caller& caller, const std::map<std::string, std::string>& added,
                              std::map<std::string, std::string>& tags);

}  // namespace tarn::lambda
