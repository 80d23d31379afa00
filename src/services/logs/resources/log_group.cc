// AWS::Logs::LogGroup and AWS::Logs::LogStream.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-loggroup.html
#include <array>
#include <utility>

#include "base/ids.h"
#include "gateway/present.h"
#include "services/logs/resources/resources.h"

namespace tarn::logs {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

std::string group_arn(const ResourceOrder& order, const std::string& name) {
  return make_arn("logs", order.caller.region, order.caller.account_id, "log-group:" + name);
}

Json group_attributes(const ResourceOrder& order, const std::string& name) {
  return {{"Arn", group_arn(order, name) + ":*"}};
}

class LogGroupType final : public cloudformation::ResourceType {
 public:
  explicit LogGroupType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::Logs::LogGroup"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 6> kProperties = {{replacing("LogGroupName"),
                                                             {"RetentionInDays"},
                                                             {"DeletionProtectionEnabled"},
                                                             {"KmsKeyId"},
                                                             {"LogGroupClass"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"logGroupName", order.physical_id}};
    auto done = co_await calls_.call("logs:DeleteLogGroup", order.caller, std::move(input));
    if (done.ok() || done.error().is("ResourceNotFoundException")) co_return Status();
    co_return std::move(done).error();
  }
  std::string_view identifier() const override { return "LogGroupName"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  // null where there is none of that name.
  [[nodiscard]] Task<Result<Json>> group_named(Caller caller, std::string name) const;

  const gateway::InProcess& calls_;
};

Task<Result<MadeResource>> LogGroupType::create(ResourceOrder order) const {
  const std::string name = order.properties.value("LogGroupName", order.physical_name);
  Json input = {{"logGroupName", name}};
  static constexpr std::array<std::pair<const char*, const char*>, 3> kMembers = {
      {{"KmsKeyId", "kmsKeyId"},
       {"LogGroupClass", "logGroupClass"},
       {"DeletionProtectionEnabled", "deletionProtectionEnabled"}}};
  for (const auto& [property, member] : kMembers) {
    if (order.properties.contains(property)) input[member] = order.properties[property];
  }
  Json tags = cloudformation::tag_map(order);
  if (!tags.empty()) input["tags"] = std::move(tags);
  auto made = co_await calls_.call("logs:CreateLogGroup", order.caller, std::move(input));
  const bool is_there =
      !made.ok() && order.is_repeated && made.error().is("ResourceAlreadyExistsException");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  if (order.properties.contains("RetentionInDays")) {
    Json kept = {{"logGroupName", name}, {"retentionInDays", order.properties["RetentionInDays"]}};
    TARN_CO_TRY(const Json done,
                co_await calls_.call("logs:PutRetentionPolicy", order.caller, std::move(kept)));
  }
  co_return MadeResource{name, group_attributes(order, name)};
}

Task<Result<Json>> LogGroupType::group_named(Caller caller, std::string name) const {
  Json asked = {{"logGroupNamePrefix", name}};
  while (true) {
    TARN_CO_TRY(const Json told, co_await calls_.call("logs:DescribeLogGroups", caller, asked));
    for (const Json& group : told.value("logGroups", Json::array())) {
      if (group["logGroupName"] == name) co_return group;
    }
    if (!told.contains("nextToken")) co_return Json();
    asked["nextToken"] = told["nextToken"];
  }
}

Task<Result<std::optional<PresentResource>>> LogGroupType::read(ResourceOrder order) const {
  const std::string& name = order.physical_id;
  TARN_CO_TRY(const Json group, co_await group_named(order.caller, name));
  if (group.is_null()) co_return std::optional<PresentResource>();
  PresentResource out;
  static constexpr std::array<std::pair<const char*, const char*>, 5> kTold = {
      {{"logGroupName", "LogGroupName"},
       {"retentionInDays", "RetentionInDays"},
       {"deletionProtectionEnabled", "DeletionProtectionEnabled"},
       {"kmsKeyId", "KmsKeyId"},
       {"logGroupClass", "LogGroupClass"}}};
  for (const auto& [member, property] : kTold) {
    if (group.contains(member)) out.properties[property] = group[member];
  }
  Json asked = {{"resourceArn", group_arn(order, name)}};
  TARN_CO_TRY(const Json tags,
              co_await calls_.call("logs:ListTagsForResource", order.caller, std::move(asked)));
  gateway::tell_tags(order, tags.value("tags", Json::object()), out.properties);
  out.attributes = group_attributes(order, name);
  co_return std::optional(std::move(out));
}

Task<Result<MadeResource>> LogGroupType::update(ResourceOrder order, ResourceBefore before) const {
  const Json& was = before.properties;
  const Json& wanted = order.properties;
  const std::string& name = order.physical_id;
  for (const char* fixed : {"KmsKeyId", "LogGroupClass"}) {
    if (cloudformation::differs(was, wanted, fixed)) {
      co_return Error("NotImplemented",
                      std::string(fixed) + " of a log group cannot be changed by tarn.");
    }
  }
  std::vector<std::pair<std::string, Json>> steps;
  if (cloudformation::differs(was, wanted, "RetentionInDays")) {
    Json input = {{"logGroupName", name}};
    const bool is_kept_for_ever = !wanted.contains("RetentionInDays");
    if (!is_kept_for_ever) input["retentionInDays"] = wanted["RetentionInDays"];
    steps.emplace_back(is_kept_for_ever ? "logs:DeleteRetentionPolicy" : "logs:PutRetentionPolicy",
                       std::move(input));
  }
  if (cloudformation::differs(was, wanted, "DeletionProtectionEnabled")) {
    steps.emplace_back("logs:PutLogGroupDeletionProtection",
                       Json{{"logGroupIdentifier", name},
                            {"deletionProtectionEnabled",
                             wanted.value("DeletionProtectionEnabled", Json(false))}});
  }
  const std::string arn = group_arn(order, name);
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty())
    steps.emplace_back("logs:UntagResource", Json{{"resourceArn", arn}, {"tagKeys", dropped}});
  const Json tags = cloudformation::tag_map(order);
  if (cloudformation::tags_differ(order, before) && !tags.empty())
    steps.emplace_back("logs:TagResource", Json{{"resourceArn", arn}, {"tags", tags}});
  for (auto& [action, input] : steps) {
    TARN_CO_TRY(const Json done, co_await calls_.call(action, order.caller, std::move(input)));
  }
  co_return MadeResource{name, order.attributes};
}

class LogStreamType final : public cloudformation::ResourceType {
 public:
  explicit LogStreamType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::Logs::LogStream"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {replacing("LogGroupName", true), replacing("LogStreamName")}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    const std::string name = order.properties.value("LogStreamName", order.physical_name);
    Json input = {{"logGroupName", order.properties["LogGroupName"]}, {"logStreamName", name}};
    auto made = co_await calls_.call("logs:CreateLogStream", order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("ResourceAlreadyExistsException");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    co_return MadeResource{name, Json::object()};
  }
  // All its properties make another one; a stream has no tags.
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"logGroupName", order.properties["LogGroupName"]},
                  {"logStreamName", order.physical_id}};
    auto done = co_await calls_.call("logs:DeleteLogStream", order.caller, std::move(input));
    if (done.ok() || done.error().is("ResourceNotFoundException")) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> log_group_type(const gateway::InProcess& calls) {
  return std::make_unique<LogGroupType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> log_stream_type(const gateway::InProcess& calls) {
  return std::make_unique<LogStreamType>(calls);
}

}  // namespace tarn::logs
