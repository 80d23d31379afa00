// CreatePartition, BatchCreatePartition, GetPartition, GetPartitions, BatchGetPartition,
// UpdatePartition, BatchUpdatePartition, DeletePartition, BatchDeletePartition.
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/request.h"

namespace tarn::glue {
namespace {

PartitionError error_of(const Metastore::Values& values, const Error& error) {
  PartitionError out;
  out.partition_values = values;
  out.error_detail = detail_of(error);
  return out;
}

}  // namespace

Task<Result<CreatePartitionResponse>> handle(CreatePartition, GlueService& service,
                                             const Caller& caller, CreatePartitionRequest input) {
  const auto work = [&]() -> Result<CreatePartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_TRY(auto refused,
             service.metastore().create_partitions(owner, input.database_name, input.table_name,
                                                   {std::move(input.partition_input)}));
    if (!refused.empty()) return std::move(refused[0].second);
    return CreatePartitionResponse();
  };
  co_return co_await on_disk<CreatePartitionResponse>(service, work);
}

Task<Result<BatchCreatePartitionResponse>> handle(BatchCreatePartition, GlueService& service,
                                                  const Caller& caller,
                                                  BatchCreatePartitionRequest input) {
  const auto work = [&]() -> Result<BatchCreatePartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_TRY(const auto refused,
             service.metastore().create_partitions(owner, input.database_name, input.table_name,
                                                   input.partition_input_list));
    BatchCreatePartitionResponse out;
    auto& errors = out.errors.emplace();
    for (const auto& [index, error] : refused) {
      const auto& values = input.partition_input_list[index].values;
      errors.push_back(error_of(values ? *values : Metastore::Values(), error));
    }
    return out;
  };
  co_return co_await on_disk<BatchCreatePartitionResponse>(service, work);
}

Task<Result<GetPartitionResponse>> handle(GetPartition, GlueService& service, const Caller& caller,
                                          GetPartitionRequest input) {
  const auto work = [&]() -> Result<GetPartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    GetPartitionResponse out;
    TARN_TRY(out.partition,
             service.metastore().partition(owner, input.database_name, input.table_name,
                                           input.partition_values));
    return out;
  };
  co_return co_await on_disk<GetPartitionResponse>(service, work);
}

Task<Result<GetPartitionsResponse>> handle(GetPartitions, GlueService& service,
                                           const Caller& caller, GetPartitionsRequest input) {
  const auto work = [&]() -> Result<GetPartitionsResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(refuse(input.transaction_id.has_value(), "TransactionId"));
    TARN_CHECK(refuse(input.query_as_of_time.has_value(), "QueryAsOfTime"));
    TARN_TRY(auto page, service.metastore().partitions(
                            owner, input.database_name, input.table_name, input.expression,
                            page_of(input.next_token, input.max_results), input.segment));
    if (input.exclude_column_schema.value_or(false)) {
      for (auto& partition : page.entries) {
        if (partition.storage_descriptor) partition.storage_descriptor->columns.reset();
      }
    }
    GetPartitionsResponse out;
    out.partitions = std::move(page.entries);
    out.next_token = std::move(page.next_token);
    return out;
  };
  co_return co_await on_disk<GetPartitionsResponse>(service, work);
}

Task<Result<BatchGetPartitionResponse>> handle(BatchGetPartition, GlueService& service,
                                               const Caller& caller,
                                               BatchGetPartitionRequest input) {
  const auto work = [&]() -> Result<BatchGetPartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    BatchGetPartitionResponse out;
    auto& found = out.partitions.emplace();
    out.unprocessed_keys.emplace();
    TARN_CHECK(service.metastore().table(owner, input.database_name, input.table_name));
    for (const auto& wanted : input.partitions_to_get) {
      auto partition = service.metastore().partition(owner, input.database_name, input.table_name,
                                                     wanted.values);
      if (partition.ok()) {
        found.push_back(std::move(*partition));
      } else if (!partition.error().is("EntityNotFoundException")) {
        return std::move(partition).error();
      }
    }
    return out;
  };
  co_return co_await on_disk<BatchGetPartitionResponse>(service, work);
}

Task<Result<UpdatePartitionResponse>> handle(UpdatePartition, GlueService& service,
                                             const Caller& caller, UpdatePartitionRequest input) {
  const auto work = [&]() -> Result<UpdatePartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(service.metastore().update_partition(owner, input.database_name, input.table_name,
                                                    input.partition_value_list,
                                                    std::move(input.partition_input)));
    return UpdatePartitionResponse();
  };
  co_return co_await on_disk<UpdatePartitionResponse>(service, work);
}

Task<Result<BatchUpdatePartitionResponse>> handle(BatchUpdatePartition, GlueService& service,
                                                  const Caller& caller,
                                                  BatchUpdatePartitionRequest input) {
  const auto work = [&]() -> Result<BatchUpdatePartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(service.metastore().table(owner, input.database_name, input.table_name));
    BatchUpdatePartitionResponse out;
    auto& errors = out.errors.emplace();
    for (auto& entry : input.entries) {
      const auto updated = service.metastore().update_partition(
          owner, input.database_name, input.table_name, entry.partition_value_list,
          std::move(entry.partition_input));
      if (updated.ok()) continue;
      // A disk that fails is no answer about one partition.
      if (updated.error().code.starts_with("Tarn.")) return updated.error();
      BatchUpdatePartitionFailureEntry failure;
      failure.partition_value_list = entry.partition_value_list;
      failure.error_detail = detail_of(updated.error());
      errors.push_back(std::move(failure));
    }
    return out;
  };
  co_return co_await on_disk<BatchUpdatePartitionResponse>(service, work);
}

Task<Result<DeletePartitionResponse>> handle(DeletePartition, GlueService& service,
                                             const Caller& caller, DeletePartitionRequest input) {
  const auto work = [&]() -> Result<DeletePartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_TRY(auto refused,
             service.metastore().delete_partitions(owner, input.database_name, input.table_name,
                                                   {input.partition_values}));
    if (!refused.empty()) return std::move(refused[0].second);
    return DeletePartitionResponse();
  };
  co_return co_await on_disk<DeletePartitionResponse>(service, work);
}

Task<Result<BatchDeletePartitionResponse>> handle(BatchDeletePartition, GlueService& service,
                                                  const Caller& caller,
                                                  BatchDeletePartitionRequest input) {
  const auto work = [&]() -> Result<BatchDeletePartitionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    std::vector<Metastore::Values> values;
    for (const auto& each : input.partitions_to_delete) values.push_back(each.values);
    TARN_TRY(const auto refused, service.metastore().delete_partitions(owner, input.database_name,
                                                                       input.table_name, values));
    BatchDeletePartitionResponse out;
    auto& errors = out.errors.emplace();
    for (const auto& [index, error] : refused) errors.push_back(error_of(values[index], error));
    return out;
  };
  co_return co_await on_disk<BatchDeletePartitionResponse>(service, work);
}

}  // namespace tarn::glue
