// Get, Update and DeleteColumnStatisticsForTable, and the same ForPartition.
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/request.h"

namespace tarn::glue {
namespace {

using Values = std::optional<Metastore::Values>;

template <class Input>
Values values_of(const Input& input) {
  if constexpr (requires { input.partition_values; }) {
    return input.partition_values;
  } else {
    return std::nullopt;
  }
}

template <class Output, class Input>
Result<Output> get(GlueService& service, const Caller& caller, const Input& input) {
  TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
  TARN_TRY(auto found,
           service.metastore().column_statistics(owner, input.database_name, input.table_name,
                                                 values_of(input), input.column_names));
  Output out;
  out.column_statistics_list = std::move(found.first);
  auto& errors = out.errors.emplace();
  for (const auto& [index, error] : found.second) {
    ColumnError each;
    each.column_name = input.column_names[index];
    each.error = detail_of(error);
    errors.push_back(std::move(each));
  }
  return out;
}

template <class Output, class Input>
Result<Output> update(GlueService& service, const Caller& caller, const Input& input) {
  TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
  TARN_TRY(const auto refused, service.metastore().put_column_statistics(
                                   owner, input.database_name, input.table_name, values_of(input),
                                   input.column_statistics_list));
  Output out;
  auto& errors = out.errors.emplace();
  for (const auto& [index, error] : refused) {
    ColumnStatisticsError each;
    each.column_statistics = input.column_statistics_list[index];
    each.error = detail_of(error);
    errors.push_back(std::move(each));
  }
  return out;
}

template <class Output, class Input>
Result<Output> remove(GlueService& service, const Caller& caller, const Input& input) {
  TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
  TARN_CHECK(service.metastore().delete_column_statistics(
      owner, input.database_name, input.table_name, values_of(input), input.column_name));
  return Output();
}

}  // namespace

Task<Result<GetColumnStatisticsForTableResponse>> handle(GetColumnStatisticsForTable,
                                                         GlueService& service, const Caller& caller,
                                                         GetColumnStatisticsForTableRequest input) {
  const auto work = [&] {
    return get<GetColumnStatisticsForTableResponse>(service, caller, input);
  };
  co_return co_await on_disk<GetColumnStatisticsForTableResponse>(service, work);
}

Task<Result<UpdateColumnStatisticsForTableResponse>> handle(
    UpdateColumnStatisticsForTable, GlueService& service, const Caller& caller,
    UpdateColumnStatisticsForTableRequest input) {
  const auto work = [&] {
    return update<UpdateColumnStatisticsForTableResponse>(service, caller, input);
  };
  co_return co_await on_disk<UpdateColumnStatisticsForTableResponse>(service, work);
}

Task<Result<DeleteColumnStatisticsForTableResponse>> handle(
    DeleteColumnStatisticsForTable, GlueService& service, const Caller& caller,
    DeleteColumnStatisticsForTableRequest input) {
  const auto work = [&] {
    return remove<DeleteColumnStatisticsForTableResponse>(service, caller, input);
  };
  co_return co_await on_disk<DeleteColumnStatisticsForTableResponse>(service, work);
}

Task<Result<GetColumnStatisticsForPartitionResponse>> handle(
    GetColumnStatisticsForPartition, GlueService& service, const Caller& caller,
    GetColumnStatisticsForPartitionRequest input) {
  const auto work = [&] {
    return get<GetColumnStatisticsForPartitionResponse>(service, caller, input);
  };
  co_return co_await on_disk<GetColumnStatisticsForPartitionResponse>(service, work);
}

Task<Result<UpdateColumnStatisticsForPartitionResponse>> handle(
    UpdateColumnStatisticsForPartition, GlueService& service, const Caller& caller,
    UpdateColumnStatisticsForPartitionRequest input) {
  const auto work = [&] {
    return update<UpdateColumnStatisticsForPartitionResponse>(service, caller, input);
  };
  co_return co_await on_disk<UpdateColumnStatisticsForPartitionResponse>(service, work);
}

Task<Result<DeleteColumnStatisticsForPartitionResponse>> handle(
    DeleteColumnStatisticsForPartition, GlueService& service, const Caller& caller,
    DeleteColumnStatisticsForPartitionRequest input) {
  const auto work = [&] {
    return remove<DeleteColumnStatisticsForPartitionResponse>(service, caller, input);
  };
  co_return co_await on_disk<DeleteColumnStatisticsForPartitionResponse>(service, work);
}

}  // namespace tarn::glue
