// UpdateTimeToLive, DescribeTimeToLive, DescribeContinuousBackups, TagResource, UntagResource,
// ListTagsOfResource.
#include <utility>

#include "services/dynamodb/actions.h"
#include "services/dynamodb/refusal.h"
#include "services/dynamodb/table_input.h"

namespace tarn::dynamodb {
namespace {

Result<std::shared_ptr<Table>> tagged_table(const DynamodbService& service, const Caller& caller,
                                            const std::string& arn) {
  if (!arn.starts_with("arn:"))
    return invalid("Invalid TableArn: Invalid ResourceArn provided as input " + arn);
  const auto table = service.catalog_view().find(caller.account_id, caller.region, arn);
  if (table == nullptr || table->record()->arn() != arn) {
    return Error("ResourceNotFoundException",
                 "Requested resource not found: ResourcArn: " + arn + " not found");
  }
  return table;
}

}  // namespace

Task<Result<UpdateTimeToLiveOutput>> handle(UpdateTimeToLive, DynamodbService& service,
                                            const Caller& caller, UpdateTimeToLiveInput input) {
  TARN_CO_TRY(const auto table, service.any_table(caller, input.table_name));
  const auto edit = [&](TableRecord& record) -> Status {
    const auto& wanted = input.time_to_live_specification;
    if (wanted.enabled == !record.ttl_attribute.empty()) {
      return invalid(wanted.enabled ? "TimeToLive is already enabled"
                                    : "TimeToLive is already disabled");
    }
    if (!wanted.enabled && wanted.attribute_name != record.ttl_attribute) {
      return invalid(
          "TimeToLive is active on a different AttributeName: current AttributeName is " +
          record.ttl_attribute);
    }
    record.ttl_attribute = wanted.enabled ? wanted.attribute_name : "";
    return {};
  };
  auto changed = co_await service.platform().tasks.offload(
      [&] { return service.catalog().change(*table, edit); });
  if (!changed.ok()) co_return std::move(changed).error();
  UpdateTimeToLiveOutput output;
  output.time_to_live_specification = input.time_to_live_specification;
  co_return output;
}

Task<Result<DescribeTimeToLiveOutput>> handle(DescribeTimeToLive, DynamodbService& service,
                                              const Caller& caller, DescribeTimeToLiveInput input) {
  TARN_CO_TRY(const auto table, service.any_table(caller, input.table_name));
  const auto record = table->record();
  TimeToLiveDescription description;
  description.time_to_live_status = record->ttl_attribute.empty()
                                        ? values::time_to_live_status::kDisabled
                                        : values::time_to_live_status::kEnabled;
  if (!record->ttl_attribute.empty()) description.attribute_name = record->ttl_attribute;
  DescribeTimeToLiveOutput output;
  output.time_to_live_description = std::move(description);
  co_return output;
}

// What consoles and Terraform ask of every table: there are none, and no point in time to go back
// to.
Task<Result<DescribeContinuousBackupsOutput>> handle(DescribeContinuousBackups,
                                                     DynamodbService& service, const Caller& caller,
                                                     DescribeContinuousBackupsInput input) {
  const auto table = service.any_table(caller, input.table_name);
  if (!table.ok()) {
    co_return Error("TableNotFoundException",
                    "Table not found: " + std::string(bare_name(input.table_name)));
  }
  PointInTimeRecoveryDescription recovery;
  recovery.point_in_time_recovery_status = values::point_in_time_recovery_status::kDisabled;
  ContinuousBackupsDescription description;
  description.continuous_backups_status = values::continuous_backups_status::kDisabled;
  description.point_in_time_recovery_description = std::move(recovery);
  DescribeContinuousBackupsOutput output;
  output.continuous_backups_description = std::move(description);
  co_return output;
}

Task<Result<wire::Unit>> handle(TagResource, DynamodbService& service, const Caller& caller,
                                TagResourceInput input) {
  TARN_CO_TRY(const auto table, tagged_table(service, caller, input.resource_arn));
  const auto edit = [&](TableRecord& record) -> Status {
    return add_tags(caller, input.tags, record);
  };
  auto changed = co_await service.platform().tasks.offload(
      [&] { return service.catalog().change(*table, edit); });
  if (!changed.ok()) co_return std::move(changed).error();
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(UntagResource, DynamodbService& service, const Caller& caller,
                                UntagResourceInput input) {
  TARN_CO_TRY(const auto table, tagged_table(service, caller, input.resource_arn));
  const auto edit = [&](TableRecord& record) -> Status {
    for (const auto& key : input.tag_keys) {
      TARN_CHECK(check_tag_key(caller, key));
      record.tags.erase(key);
    }
    return {};
  };
  auto changed = co_await service.platform().tasks.offload(
      [&] { return service.catalog().change(*table, edit); });
  if (!changed.ok()) co_return std::move(changed).error();
  co_return wire::Unit();
}

Task<Result<ListTagsOfResourceOutput>> handle(ListTagsOfResource, DynamodbService& service,
                                              const Caller& caller, ListTagsOfResourceInput input) {
  TARN_CO_TRY(const auto table, tagged_table(service, caller, input.resource_arn));
  ListTagsOfResourceOutput output;
  auto& tags = output.tags.emplace();
  for (const auto& [key, value] : table->record()->tags) tags.push_back({key, value});
  co_return output;
}

}  // namespace tarn::dynamodb
