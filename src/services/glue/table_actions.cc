// CreateTable, GetTable, GetTables, UpdateTable, DeleteTable, BatchDeleteTable.
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/records.h"
#include "services/glue/request.h"

namespace tarn::glue {
namespace {

// The input of a table, under the name that the request gives beside it, if any.
Result<TableInput> table_input(std::optional<TableInput> input,
                               const std::optional<std::string>& name) {
  if (!input) return invalid_input("TableInput must be given.");
  if (name && wire::to_lower(*name) != wire::to_lower(input->name)) {
    return invalid_input("Name " + *name + " and TableInput.Name " + input->name +
                         " are not the same.");
  }
  return std::move(*input);
}

}  // namespace

Task<Result<CreateTableResponse>> handle(CreateTable, GlueService& service, const Caller& caller,
                                         CreateTableRequest input) {
  const auto work = [&]() -> Result<CreateTableResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(refuse(input.open_table_format_input.has_value(), "OpenTableFormatInput"));
    TARN_CHECK(
        refuse(input.partition_indexes && !input.partition_indexes->empty(), "PartitionIndexes"));
    TARN_CHECK(refuse(input.transaction_id.has_value(), "TransactionId"));
    TARN_TRY(auto table, table_input(std::move(input.table_input), input.name));
    TARN_CHECK(service.metastore().create_table(owner, input.database_name, std::move(table)));
    return CreateTableResponse();
  };
  co_return co_await on_disk<CreateTableResponse>(service, work);
}

Task<Result<GetTableResponse>> handle(GetTable, GlueService& service, const Caller& caller,
                                      GetTableRequest input) {
  const auto work = [&]() -> Result<GetTableResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(refuse(input.transaction_id.has_value(), "TransactionId"));
    TARN_CHECK(refuse(input.query_as_of_time.has_value(), "QueryAsOfTime"));
    GetTableResponse out;
    TARN_TRY(out.table, service.metastore().table(owner, input.database_name, input.name));
    return out;
  };
  co_return co_await on_disk<GetTableResponse>(service, work);
}

Task<Result<GetTablesResponse>> handle(GetTables, GlueService& service, const Caller& caller,
                                       GetTablesRequest input) {
  const auto work = [&]() -> Result<GetTablesResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(refuse(input.transaction_id.has_value(), "TransactionId"));
    TARN_CHECK(refuse(input.query_as_of_time.has_value(), "QueryAsOfTime"));
    TARN_TRY(auto page, service.metastore().tables(owner, input.database_name, input.expression,
                                                   page_of(input.next_token, input.max_results)));
    GetTablesResponse out;
    out.table_list = std::move(page.entries);
    out.next_token = std::move(page.next_token);
    return out;
  };
  co_return co_await on_disk<GetTablesResponse>(service, work);
}

Task<Result<UpdateTableResponse>> handle(UpdateTable, GlueService& service, const Caller& caller,
                                         UpdateTableRequest input) {
  const auto work = [&]() -> Result<UpdateTableResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(
        refuse(input.update_open_table_format_input.has_value(), "UpdateOpenTableFormatInput"));
    TARN_CHECK(refuse(input.view_update_action.has_value(), "ViewUpdateAction"));
    TARN_CHECK(refuse(input.transaction_id.has_value(), "TransactionId"));
    TARN_TRY(auto table, table_input(std::move(input.table_input), input.name));
    TARN_CHECK(service.metastore().update_table(owner, input.database_name, std::move(table),
                                                input.version_id,
                                                input.skip_archive.value_or(false)));
    return UpdateTableResponse();
  };
  co_return co_await on_disk<UpdateTableResponse>(service, work);
}

Task<Result<DeleteTableResponse>> handle(DeleteTable, GlueService& service, const Caller& caller,
                                         DeleteTableRequest input) {
  const auto work = [&]() -> Result<DeleteTableResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(refuse(input.transaction_id.has_value(), "TransactionId"));
    TARN_CHECK(service.metastore().delete_table(owner, input.database_name, input.name));
    return DeleteTableResponse();
  };
  co_return co_await on_disk<DeleteTableResponse>(service, work);
}

Task<Result<BatchDeleteTableResponse>> handle(BatchDeleteTable, GlueService& service,
                                              const Caller& caller, BatchDeleteTableRequest input) {
  const auto work = [&]() -> Result<BatchDeleteTableResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(refuse(input.transaction_id.has_value(), "TransactionId"));
    BatchDeleteTableResponse out;
    auto& errors = out.errors.emplace();
    for (const auto& name : input.tables_to_delete) {
      const auto deleted = service.metastore().delete_table(owner, input.database_name, name);
      if (deleted.ok()) continue;
      // A disk that fails is no answer about one table.
      if (!deleted.error().is("EntityNotFoundException")) return deleted.error();
      TableError error;
      error.table_name = name;
      error.error_detail = detail_of(deleted.error());
      errors.push_back(std::move(error));
    }
    return out;
  };
  co_return co_await on_disk<BatchDeleteTableResponse>(service, work);
}

}  // namespace tarn::glue
