// GetTableVersion, GetTableVersions, DeleteTableVersion, BatchDeleteTableVersion.
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/request.h"

namespace tarn::glue {
namespace {

TableVersion version_of(Table table) {
  TableVersion out;
  out.version_id = table.version_id;
  out.table = std::move(table);
  return out;
}

}  // namespace

Task<Result<GetTableVersionResponse>> handle(GetTableVersion, GlueService& service,
                                             const Caller& caller, GetTableVersionRequest input) {
  const auto work = [&]() -> Result<GetTableVersionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_TRY(auto table,
             service.metastore().table_version(owner, input.database_name, input.table_name,
                                               input.version_id.value_or("")));
    GetTableVersionResponse out;
    out.table_version = version_of(std::move(table));
    return out;
  };
  co_return co_await on_disk<GetTableVersionResponse>(service, work);
}

Task<Result<GetTableVersionsResponse>> handle(GetTableVersions, GlueService& service,
                                              const Caller& caller, GetTableVersionsRequest input) {
  const auto work = [&]() -> Result<GetTableVersionsResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_TRY(auto page,
             service.metastore().table_versions(owner, input.database_name, input.table_name,
                                                page_of(input.next_token, input.max_results)));
    GetTableVersionsResponse out;
    auto& versions = out.table_versions.emplace();
    for (auto& table : page.entries) versions.push_back(version_of(std::move(table)));
    out.next_token = std::move(page.next_token);
    return out;
  };
  co_return co_await on_disk<GetTableVersionsResponse>(service, work);
}

Task<Result<DeleteTableVersionResponse>> handle(DeleteTableVersion, GlueService& service,
                                                const Caller& caller,
                                                DeleteTableVersionRequest input) {
  const auto work = [&]() -> Result<DeleteTableVersionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(service.metastore().delete_table_version(owner, input.database_name,
                                                        input.table_name, input.version_id));
    return DeleteTableVersionResponse();
  };
  co_return co_await on_disk<DeleteTableVersionResponse>(service, work);
}

Task<Result<BatchDeleteTableVersionResponse>> handle(BatchDeleteTableVersion, GlueService& service,
                                                     const Caller& caller,
                                                     BatchDeleteTableVersionRequest input) {
  const auto work = [&]() -> Result<BatchDeleteTableVersionResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(service.metastore().table(owner, input.database_name, input.table_name));
    BatchDeleteTableVersionResponse out;
    auto& errors = out.errors.emplace();
    for (const auto& version : input.version_ids) {
      const auto deleted = service.metastore().delete_table_version(owner, input.database_name,
                                                                    input.table_name, version);
      if (deleted.ok()) continue;
      if (deleted.error().code.starts_with("Tarn.")) return deleted.error();
      TableVersionError error;
      error.table_name = input.table_name;
      error.version_id = version;
      error.error_detail = detail_of(deleted.error());
      errors.push_back(std::move(error));
    }
    return out;
  };
  co_return co_await on_disk<BatchDeleteTableVersionResponse>(service, work);
}

}  // namespace tarn::glue
