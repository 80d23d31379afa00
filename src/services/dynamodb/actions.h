// The handlers of every action, so that service.cc can list them. Each .cc names the actions it
// holds.
//
// Place: dynamodb. Threads: as service.h says. Errors of each: those that the model and the overlay
// declare.
#pragma once

#include "services/dynamodb/api.h"
#include "services/dynamodb/service.h"

namespace tarn::dynamodb {

// tables.cc
Task<Result<CreateTableOutput>> handle(CreateTable, DynamodbService&, const Caller&,
                                       CreateTableInput);
Task<Result<DeleteTableOutput>> handle(DeleteTable, DynamodbService&, const Caller&,
                                       DeleteTableInput);
Task<Result<DescribeTableOutput>> handle(DescribeTable, DynamodbService&, const Caller&,
                                         DescribeTableInput);
Task<Result<ListTablesOutput>> handle(ListTables, DynamodbService&, const Caller&, ListTablesInput);
Task<Result<DescribeLimitsOutput>> handle(DescribeLimits, DynamodbService&, const Caller&,
                                          DescribeLimitsInput);
Task<Result<DescribeEndpointsResponse>> handle(DescribeEndpoints, DynamodbService&, const Caller&,
                                               DescribeEndpointsRequest);
// update_table.cc
Task<Result<UpdateTableOutput>> handle(UpdateTable, DynamodbService&, const Caller&,
                                       UpdateTableInput);
// table_settings.cc
Task<Result<UpdateTimeToLiveOutput>> handle(UpdateTimeToLive, DynamodbService&, const Caller&,
                                            UpdateTimeToLiveInput);
Task<Result<DescribeTimeToLiveOutput>> handle(DescribeTimeToLive, DynamodbService&, const Caller&,
                                              DescribeTimeToLiveInput);
Task<Result<DescribeContinuousBackupsOutput>> handle(DescribeContinuousBackups, DynamodbService&,
                                                     const Caller&, DescribeContinuousBackupsInput);
Task<Result<wire::Unit>> handle(TagResource, DynamodbService&, const Caller&, TagResourceInput);
Task<Result<wire::Unit>> handle(UntagResource, DynamodbService&, const Caller&, UntagResourceInput);
Task<Result<ListTagsOfResourceOutput>> handle(ListTagsOfResource, DynamodbService&, const Caller&,
                                              ListTagsOfResourceInput);
// items.cc
Task<Result<PutItemOutput>> handle(PutItem, DynamodbService&, const Caller&, PutItemInput);
Task<Result<GetItemOutput>> handle(GetItem, DynamodbService&, const Caller&, GetItemInput);
Task<Result<UpdateItemOutput>> handle(UpdateItem, DynamodbService&, const Caller&, UpdateItemInput);
Task<Result<DeleteItemOutput>> handle(DeleteItem, DynamodbService&, const Caller&, DeleteItemInput);
// query.cc
Task<Result<QueryOutput>> handle(Query, DynamodbService&, const Caller&, QueryInput);
Task<Result<ScanOutput>> handle(Scan, DynamodbService&, const Caller&, ScanInput);
// batch.cc
Task<Result<BatchGetItemOutput>> handle(BatchGetItem, DynamodbService&, const Caller&,
                                        BatchGetItemInput);
Task<Result<BatchWriteItemOutput>> handle(BatchWriteItem, DynamodbService&, const Caller&,
                                          BatchWriteItemInput);
// transactions.cc
Task<Result<TransactGetItemsOutput>> handle(TransactGetItems, DynamodbService&, const Caller&,
                                            TransactGetItemsInput);
Task<Result<TransactWriteItemsOutput>> handle(TransactWriteItems, DynamodbService&, const Caller&,
                                              TransactWriteItemsInput);

}  // namespace tarn::dynamodb
