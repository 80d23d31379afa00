// The handlers of every action, so that service.cc can list them. Each .cc names the actions it
// holds.
//
// Place: glue. Threads: as service.h says. Errors of each: those that the model and the overlay
// declare.
#pragma once

#include "services/glue/api.h"
#include "services/glue/service.h"

namespace tarn::glue {

// database_actions.cc
Task<Result<CreateDatabaseResponse>> handle(CreateDatabase, GlueService&, const Caller&,
                                            CreateDatabaseRequest);
Task<Result<GetDatabaseResponse>> handle(GetDatabase, GlueService&, const Caller&,
                                         GetDatabaseRequest);
Task<Result<GetDatabasesResponse>> handle(GetDatabases, GlueService&, const Caller&,
                                          GetDatabasesRequest);
Task<Result<UpdateDatabaseResponse>> handle(UpdateDatabase, GlueService&, const Caller&,
                                            UpdateDatabaseRequest);
Task<Result<DeleteDatabaseResponse>> handle(DeleteDatabase, GlueService&, const Caller&,
                                            DeleteDatabaseRequest);

// table_actions.cc
Task<Result<CreateTableResponse>> handle(CreateTable, GlueService&, const Caller&,
                                         CreateTableRequest);
Task<Result<GetTableResponse>> handle(GetTable, GlueService&, const Caller&, GetTableRequest);
Task<Result<GetTablesResponse>> handle(GetTables, GlueService&, const Caller&, GetTablesRequest);
Task<Result<UpdateTableResponse>> handle(UpdateTable, GlueService&, const Caller&,
                                         UpdateTableRequest);
Task<Result<DeleteTableResponse>> handle(DeleteTable, GlueService&, const Caller&,
                                         DeleteTableRequest);
Task<Result<BatchDeleteTableResponse>> handle(BatchDeleteTable, GlueService&, const Caller&,
                                              BatchDeleteTableRequest);

// version_actions.cc
Task<Result<GetTableVersionResponse>> handle(GetTableVersion, GlueService&, const Caller&,
                                             GetTableVersionRequest);
Task<Result<GetTableVersionsResponse>> handle(GetTableVersions, GlueService&, const Caller&,
                                              GetTableVersionsRequest);
Task<Result<DeleteTableVersionResponse>> handle(DeleteTableVersion, GlueService&, const Caller&,
                                                DeleteTableVersionRequest);
Task<Result<BatchDeleteTableVersionResponse>> handle(BatchDeleteTableVersion, GlueService&,
                                                     const Caller&, BatchDeleteTableVersionRequest);

// partition_actions.cc
Task<Result<CreatePartitionResponse>> handle(CreatePartition, GlueService&, const Caller&,
                                             CreatePartitionRequest);
Task<Result<BatchCreatePartitionResponse>> handle(BatchCreatePartition, GlueService&, const Caller&,
                                                  BatchCreatePartitionRequest);
Task<Result<GetPartitionResponse>> handle(GetPartition, GlueService&, const Caller&,
                                          GetPartitionRequest);
Task<Result<GetPartitionsResponse>> handle(GetPartitions, GlueService&, const Caller&,
                                           GetPartitionsRequest);
Task<Result<BatchGetPartitionResponse>> handle(BatchGetPartition, GlueService&, const Caller&,
                                               BatchGetPartitionRequest);
Task<Result<UpdatePartitionResponse>> handle(UpdatePartition, GlueService&, const Caller&,
                                             UpdatePartitionRequest);
Task<Result<BatchUpdatePartitionResponse>> handle(BatchUpdatePartition, GlueService&, const Caller&,
                                                  BatchUpdatePartitionRequest);
Task<Result<DeletePartitionResponse>> handle(DeletePartition, GlueService&, const Caller&,
                                             DeletePartitionRequest);
Task<Result<BatchDeletePartitionResponse>> handle(BatchDeletePartition, GlueService&, const Caller&,
                                                  BatchDeletePartitionRequest);

// tag_actions.cc
Task<Result<GetTagsResponse>> handle(GetTags, GlueService&, const Caller&, GetTagsRequest);
Task<Result<TagResourceResponse>> handle(TagResource, GlueService&, const Caller&,
                                         TagResourceRequest);
Task<Result<UntagResourceResponse>> handle(UntagResource, GlueService&, const Caller&,
                                           UntagResourceRequest);

// statistics_actions.cc
Task<Result<GetColumnStatisticsForTableResponse>> handle(GetColumnStatisticsForTable, GlueService&,
                                                         const Caller&,
                                                         GetColumnStatisticsForTableRequest);
Task<Result<UpdateColumnStatisticsForTableResponse>> handle(UpdateColumnStatisticsForTable,
                                                            GlueService&, const Caller&,
                                                            UpdateColumnStatisticsForTableRequest);
Task<Result<DeleteColumnStatisticsForTableResponse>> handle(DeleteColumnStatisticsForTable,
                                                            GlueService&, const Caller&,
                                                            DeleteColumnStatisticsForTableRequest);
Task<Result<GetColumnStatisticsForPartitionResponse>> handle(
    GetColumnStatisticsForPartition, GlueService&, const Caller&,
    GetColumnStatisticsForPartitionRequest);
Task<Result<UpdateColumnStatisticsForPartitionResponse>> handle(
    UpdateColumnStatisticsForPartition, GlueService&, const Caller&,
    UpdateColumnStatisticsForPartitionRequest);
Task<Result<DeleteColumnStatisticsForPartitionResponse>> handle(
    DeleteColumnStatisticsForPartition, GlueService&, const Caller&,
    DeleteColumnStatisticsForPartitionRequest);

// search_actions.cc
Task<Result<SearchTablesResponse>> handle(SearchTables, GlueService&, const Caller&,
                                          SearchTablesRequest);

// function_actions.cc
Task<Result<CreateUserDefinedFunctionResponse>> handle(CreateUserDefinedFunction, GlueService&,
                                                       const Caller&,
                                                       CreateUserDefinedFunctionRequest);
Task<Result<GetUserDefinedFunctionResponse>> handle(GetUserDefinedFunction, GlueService&,
                                                    const Caller&, GetUserDefinedFunctionRequest);
Task<Result<GetUserDefinedFunctionsResponse>> handle(GetUserDefinedFunctions, GlueService&,
                                                     const Caller&, GetUserDefinedFunctionsRequest);
Task<Result<UpdateUserDefinedFunctionResponse>> handle(UpdateUserDefinedFunction, GlueService&,
                                                       const Caller&,
                                                       UpdateUserDefinedFunctionRequest);
Task<Result<DeleteUserDefinedFunctionResponse>> handle(DeleteUserDefinedFunction, GlueService&,
                                                       const Caller&,
                                                       DeleteUserDefinedFunctionRequest);

}  // namespace tarn::glue
