// CreateTable, DeleteTable, DescribeTable, ListTables, DescribeLimits, DescribeEndpoints.
#include <utility>

#include "services/dynamodb/actions.h"
#include "services/dynamodb/table_input.h"

namespace tarn::dynamodb {
namespace {

// Limits of a new AWS account
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html).
constexpr std::int64_t kAccountUnits = 80'000;
constexpr std::int64_t kTableUnits = 40'000;
constexpr std::int32_t kMostNames = 100;
constexpr std::int64_t kEndpointMinutes = 1440;

Error in_use(const std::string& what, const std::string& name) {
  return {
      "ResourceInUseException",
      "Attempt to change a resource which is still in use: Table is being " + what + ": " + name};
}

}  // namespace

Task<Result<CreateTableOutput>> handle(CreateTable, DynamodbService& service, const Caller& caller,
                                       CreateTableInput input) {
  TARN_CO_TRY(auto record, record_of(caller, input));
  record.account = caller.account_id;
  record.region = caller.region;
  record.uuid = service.platform().random.uuid();
  record.status = values::table_status::kCreating;
  record.created = service.platform().clock.now();
  if (record.billing_mode == values::billing_mode::kPayPerRequest)
    record.on_demand_since = record.created;
  auto created = co_await service.platform().tasks.offload(
      [&] { return service.catalog().create(std::move(record)); });
  if (!created.ok()) co_return std::move(created).error();
  CreateTableOutput output;
  output.table_description = describe(**created);
  service.settle(*created);
  co_return output;
}

Task<Result<DeleteTableOutput>> handle(DeleteTable, DynamodbService& service, const Caller& caller,
                                       DeleteTableInput input) {
  TARN_CO_TRY(const auto table, service.any_table(caller, input.table_name));
  const auto delete_it = [](TableRecord& record) -> Status {
    if (record.status == values::table_status::kCreating) return in_use("created", record.name);
    if (record.status == values::table_status::kUpdating) return in_use("updated", record.name);
    if (record.status == values::table_status::kDeleting) return in_use("deleted", record.name);
    if (record.deletion_protection) {
      return Error("ValidationException",
                   "Resource cannot be deleted as it is currently protected against deletion. "
                   "Disable deletion protection first.");
    }
    record.status = values::table_status::kDeleting;
    return {};
  };
  auto changed = co_await service.platform().tasks.offload(
      [&] { return service.catalog().change(*table, delete_it); });
  if (!changed.ok()) co_return std::move(changed).error();
  DeleteTableOutput output;
  output.table_description = describe(*table);
  service.settle(table);
  co_return output;
}

Task<Result<DescribeTableOutput>> handle(DescribeTable, DynamodbService& service,
                                         const Caller& caller, DescribeTableInput input) {
  TARN_CO_TRY(const auto table, service.any_table(caller, input.table_name));
  DescribeTableOutput output;
  output.table = describe(*table);
  co_return output;
}

Task<Result<ListTablesOutput>> handle(ListTables, DynamodbService& service, const Caller& caller,
                                      ListTablesInput input) {
  const auto limit = static_cast<std::size_t>(input.limit.value_or(kMostNames));
  auto names = service.catalog().list(caller.account_id, caller.region,
                                      input.exclusive_start_table_name.value_or(""), limit + 1);
  ListTablesOutput output;
  if (names.size() > limit) {
    names.resize(limit);
    output.last_evaluated_table_name = names.back();
  }
  output.table_names = std::move(names);
  co_return output;
}

Task<Result<DescribeLimitsOutput>> handle(DescribeLimits, DynamodbService&, const Caller&,
                                          DescribeLimitsInput) {
  DescribeLimitsOutput output;
  output.account_max_read_capacity_units = kAccountUnits;
  output.account_max_write_capacity_units = kAccountUnits;
  output.table_max_read_capacity_units = kTableUnits;
  output.table_max_write_capacity_units = kTableUnits;
  co_return output;
}

// Where clients that look for the endpoint shall go on: where they are.
Task<Result<DescribeEndpointsResponse>> handle(DescribeEndpoints, DynamodbService&,
                                               const Caller& caller, DescribeEndpointsRequest) {
  Endpoint here;
  here.address = caller.host;
  here.cache_period_in_minutes = kEndpointMinutes;
  DescribeEndpointsResponse output;
  output.endpoints.push_back(std::move(here));
  co_return output;
}

}  // namespace tarn::dynamodb
