// CreateDatabase, GetDatabase, GetDatabases, UpdateDatabase, DeleteDatabase.
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/request.h"

namespace tarn::glue {

Task<Result<CreateDatabaseResponse>> handle(CreateDatabase, GlueService& service,
                                            const Caller& caller, CreateDatabaseRequest input) {
  const auto work = [&]() -> Result<CreateDatabaseResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    const auto tags = input.tags.value_or(std::map<std::string, std::string>());
    for (const auto& [key, value] : tags) TARN_CHECK(check_tag_key(caller, key));
    TARN_CHECK(service.metastore().create_database(owner, std::move(input.database_input), tags));
    return CreateDatabaseResponse();
  };
  co_return co_await on_disk<CreateDatabaseResponse>(service, work);
}

Task<Result<GetDatabaseResponse>> handle(GetDatabase, GlueService& service, const Caller& caller,
                                         GetDatabaseRequest input) {
  const auto work = [&]() -> Result<GetDatabaseResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    GetDatabaseResponse out;
    TARN_TRY(out.database, service.metastore().database(owner, input.name));
    return out;
  };
  co_return co_await on_disk<GetDatabaseResponse>(service, work);
}

Task<Result<GetDatabasesResponse>> handle(GetDatabases, GlueService& service, const Caller& caller,
                                          GetDatabasesRequest input) {
  const auto work = [&]() -> Result<GetDatabasesResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    GetDatabasesResponse out;
    // Nobody shares databases with this account.
    if (input.resource_share_type &&
        *input.resource_share_type != values::resource_share_type::kAll)
      return out;
    TARN_TRY(auto page,
             service.metastore().databases(owner, page_of(input.next_token, input.max_results)));
    out.database_list = std::move(page.entries);
    out.next_token = std::move(page.next_token);
    return out;
  };
  co_return co_await on_disk<GetDatabasesResponse>(service, work);
}

Task<Result<UpdateDatabaseResponse>> handle(UpdateDatabase, GlueService& service,
                                            const Caller& caller, UpdateDatabaseRequest input) {
  const auto work = [&]() -> Result<UpdateDatabaseResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(
        service.metastore().update_database(owner, input.name, std::move(input.database_input)));
    return UpdateDatabaseResponse();
  };
  co_return co_await on_disk<UpdateDatabaseResponse>(service, work);
}

Task<Result<DeleteDatabaseResponse>> handle(DeleteDatabase, GlueService& service,
                                            const Caller& caller, DeleteDatabaseRequest input) {
  const auto work = [&]() -> Result<DeleteDatabaseResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    TARN_CHECK(service.metastore().delete_database(owner, input.name));
    return DeleteDatabaseResponse();
  };
  co_return co_await on_disk<DeleteDatabaseResponse>(service, work);
}

}  // namespace tarn::glue
