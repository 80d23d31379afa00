// CreateLogGroup, DeleteLogGroup, DescribeLogGroups, PutLogGroupDeletionProtection,
// PutRetentionPolicy, DeleteRetentionPolicy.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "services/logs/actions.h"
#include "services/logs/request.h"

namespace tarn::logs {
namespace {

constexpr std::string_view kStandard = "STANDARD";
constexpr std::int32_t kGroupsPerPage = 50;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
constexpr std::array<std::int32_t, 22> kRetentions = {1,    3,    5,    7,    14,   30,  60,  90,
                                                      120,  150,  180,  365,  400,  545, 731, 1096,
                                                      1827, 2192, 2557, 2922, 3288, 3653};

LogGroup describe(const Group& group) {
  const auto record = group.record();
  LogGroup out;
  out.log_group_name = record->name;
  out.creation_time = record->created.ms;
  if (record->retention_days > 0) out.retention_in_days = record->retention_days;
  out.metric_filter_count = 0;
  out.arn = record->arn() + ":*";
  out.log_group_arn = record->arn();
  out.stored_bytes = group.bytes.load();
  out.log_group_class = kStandard;
  out.deletion_protection_enabled = record->deletion_protection;
  return out;
}

// Changes a group's record, on the blocking pool.
Task<Result<wire::Unit>> change_group(LogsService& logs, std::shared_ptr<Group> group,
                                      std::function<Status(GroupRecord&)> edit) {
  auto work = [&] {
    return logs.groups().change(*group, edit);
  };
  TARN_CO_CHECK(co_await logs.platform().tasks.offload(work));
  co_return wire::Unit();
}

// Which groups DescribeLogGroups is asked for.
bool is_wanted(const DescribeLogGroupsRequest& input, const GroupRecord& group) {
  if (!group.name.starts_with(input.log_group_name_prefix.value_or(""))) return false;
  if (group.name.find(input.log_group_name_pattern.value_or("")) == std::string::npos) return false;
  if (input.log_group_class.value_or(std::string(kStandard)) != kStandard) return false;
  if (!input.log_group_identifiers) return true;
  return std::any_of(input.log_group_identifiers->begin(), input.log_group_identifiers->end(),
                     [&](const std::string& identifier) {
                       return identifier == group.name || identifier == group.arn();
                     });
}

}  // namespace

Task<Result<wire::Unit>> handle(CreateLogGroup, LogsService& logs, const Caller& caller,
                                CreateLogGroupRequest input) {
  TARN_CO_CHECK(refuse(input.kms_key_id.has_value(), "kmsKeyId"));
  TARN_CO_CHECK(refuse(input.log_group_class.value_or(std::string(kStandard)) != kStandard,
                       "A logGroupClass but STANDARD"));
  GroupRecord record;
  record.account = caller.account_id;
  record.region = caller.region;
  record.name = input.log_group_name;
  record.created = logs.platform().clock.now();
  record.deletion_protection = input.deletion_protection_enabled.value_or(false);
  if (input.tags)
    TARN_CO_CHECK(add_tags(caller, *input.tags, record.tags, "InvalidParameterException"));
  auto work = [&] {
    return logs.groups().create(std::move(record));
  };
  TARN_CO_TRY(const auto made, co_await logs.platform().tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteLogGroup, LogsService& logs, const Caller& caller,
                                DeleteLogGroupRequest input) {
  TARN_CO_TRY(const auto group, find_group(logs, caller, input.log_group_name));
  auto work = [&] {
    return logs.groups().drop(*group);
  };
  TARN_CO_CHECK(co_await logs.platform().tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<DescribeLogGroupsResponse>> handle(DescribeLogGroups, LogsService& logs,
                                               const Caller& caller,
                                               DescribeLogGroupsRequest input) {
  TARN_CO_CHECK(refuse(input.include_linked_accounts.value_or(false), "includeLinkedAccounts"));
  TARN_CO_CHECK(refuse(input.account_identifiers.has_value(), "accountIdentifiers"));
  if (input.log_group_name_prefix && input.log_group_name_pattern) {
    co_return invalid_parameter(
        "logGroupNamePrefix and logGroupNamePattern are mutually exclusive.");
  }
  TARN_CO_TRY(const std::string after, from_token(input.next_token));
  const auto limit = static_cast<std::size_t>(input.limit.value_or(kGroupsPerPage));
  const auto found =
      logs.groups().list(caller.account_id, caller.region, after, limit + 1,
                         [&](const GroupRecord& group) { return is_wanted(input, group); });
  DescribeLogGroupsResponse out;
  out.log_groups.emplace();
  for (const auto& group : found) {
    if (out.log_groups->size() == limit) {
      out.next_token = to_token(out.log_groups->back().log_group_name.value_or(""));
      break;
    }
    out.log_groups->push_back(describe(*group));
  }
  co_return out;
}

Task<Result<wire::Unit>> handle(PutLogGroupDeletionProtection, LogsService& logs,
                                const Caller& caller, PutLogGroupDeletionProtectionRequest input) {
  TARN_CO_TRY(auto group, find_group(logs, caller, std::nullopt,
                                     std::optional<std::string>(input.log_group_identifier)));
  std::function<Status(GroupRecord&)> edit = [&input](GroupRecord& record) -> Status {
    record.deletion_protection = input.deletion_protection_enabled;
    return {};
  };
  co_return co_await change_group(logs, std::move(group), std::move(edit));
}

Task<Result<wire::Unit>> handle(PutRetentionPolicy, LogsService& logs, const Caller& caller,
                                PutRetentionPolicyRequest input) {
  const std::int32_t days = input.retention_in_days;
  if (std::find(kRetentions.begin(), kRetentions.end(), days) == kRetentions.end()) {
    co_return invalid_parameter(
        fmt::format("retentionInDays {} is none of {}.", days, fmt::join(kRetentions, ", ")));
  }
  TARN_CO_TRY(auto group, find_group(logs, caller, input.log_group_name));
  std::function<Status(GroupRecord&)> edit = [days](GroupRecord& record) -> Status {
    record.retention_days = days;
    return {};
  };
  co_return co_await change_group(logs, std::move(group), std::move(edit));
}

Task<Result<wire::Unit>> handle(DeleteRetentionPolicy, LogsService& logs, const Caller& caller,
                                DeleteRetentionPolicyRequest input) {
  TARN_CO_TRY(auto group, find_group(logs, caller, input.log_group_name));
  std::function<Status(GroupRecord&)> edit = [](GroupRecord& record) -> Status {
    record.retention_days = 0;
    return {};
  };
  co_return co_await change_group(logs, std::move(group), std::move(edit));
}

}  // namespace tarn::logs
