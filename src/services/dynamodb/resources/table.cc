// AWS::DynamoDB::Table.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "gateway/present.h"
#include "services/dynamodb/resources/resources.h"

namespace tarn::dynamodb {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

constexpr std::chrono::milliseconds kLookAgain{50};

// The index of that name; nullptr where there is none.
const Json* find_index(const Json& indexes, const Json& name) {
  for (const Json& each : indexes) {
    if (each.value("IndexName", Json()) == name) return &each;
  }
  return nullptr;
}

// What leads from one list of global indexes to the other: one change a call, as UpdateTable takes
// them.
std::vector<Json> index_updates(const Json& was, const Json& wanted) {
  std::vector<Json> out;
  for (const Json& old : was) {
    if (find_index(wanted, old["IndexName"]) == nullptr)
      out.push_back({{"Delete", {{"IndexName", old["IndexName"]}}}});
  }
  for (const Json& each : wanted) {
    const Json* old = find_index(was, each["IndexName"]);
    if (old == nullptr) {
      out.push_back({{"Create", each}});
      continue;
    }
    if (*old == each) continue;
    const bool is_another = cloudformation::differs(*old, each, "KeySchema") ||
                            cloudformation::differs(*old, each, "Projection");
    if (is_another) {
      out.push_back({{"Delete", {{"IndexName", each["IndexName"]}}}});
      out.push_back({{"Create", each}});
    } else if (each.contains("ProvisionedThroughput")) {
      out.push_back(
          {{"Update", cloudformation::pick(each, {"IndexName", "ProvisionedThroughput"})}});
    }
  }
  return out;
}

// Indexes as a template has them; capacities only where they are provisioned.
Json told_indexes(const Json& indexes, bool is_provisioned) {
  Json out = Json::array();
  for (const Json& each : indexes) {
    Json index = cloudformation::pick(each, {"IndexName", "KeySchema", "Projection"});
    const auto units = each.find("ProvisionedThroughput");
    if (is_provisioned && units != each.end()) {
      index["ProvisionedThroughput"] =
          cloudformation::pick(*units, {"ReadCapacityUnits", "WriteCapacityUnits"});
    }
    out.push_back(std::move(index));
  }
  return out;
}

// What DescribeTable tells.
Json told_table(const Json& table) {
  Json out = cloudformation::pick(
      table, {"TableName", "AttributeDefinitions", "KeySchema", "DeletionProtectionEnabled"});
  out["BillingMode"] =
      table.value("BillingModeSummary", Json::object()).value("BillingMode", "PROVISIONED");
  const bool is_provisioned = out["BillingMode"] == "PROVISIONED";
  if (is_provisioned) {
    out["ProvisionedThroughput"] = cloudformation::pick(
        table["ProvisionedThroughput"], {"ReadCapacityUnits", "WriteCapacityUnits"});
  }
  for (const char* kind : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"}) {
    if (!table.contains(kind)) continue;
    const bool is_global = std::string_view(kind).starts_with("Global");
    out[kind] = told_indexes(table[kind], is_provisioned && is_global);
  }
  return out;
}

class TableType final : public cloudformation::ResourceType {
 public:
  TableType(const gateway::InProcess& calls, platform::Clock& clock)
      : calls_(calls), clock_(clock) {}

  std::string_view name() const override { return "AWS::DynamoDB::Table"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 10> kProperties = {{replacing("TableName"),
                                                              {"AttributeDefinitions", true},
                                                              replacing("KeySchema", true),
                                                              {"BillingMode"},
                                                              {"ProvisionedThroughput"},
                                                              {"GlobalSecondaryIndexes"},
                                                              replacing("LocalSecondaryIndexes"),
                                                              {"TimeToLiveSpecification"},
                                                              {"DeletionProtectionEnabled"},
                                                              {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "TableName"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  // Its ARN, once table and indexes can be used.
  [[nodiscard]] Task<Result<Json>> wait_until_active(Caller caller, std::string name) const;
  [[nodiscard]] Task<Status> set_tags(const ResourceOrder& order,
                                      const ResourceBefore& before) const;

  const gateway::InProcess& calls_;
  platform::Clock& clock_;
};

Task<Result<MadeResource>> TableType::create(ResourceOrder order) const {
  const std::string name = order.properties.value("TableName", order.physical_name);
  Json input = cloudformation::pick(
      order.properties,
      {"AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput",
       "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "DeletionProtectionEnabled"});
  input["TableName"] = name;
  Json tags = cloudformation::tag_list(order);
  if (!tags.empty()) input["Tags"] = std::move(tags);
  auto made = co_await calls_.call("dynamodb:CreateTable", order.caller, std::move(input));
  const bool is_there =
      !made.ok() && order.is_repeated && made.error().is("ResourceInUseException");
  if (!made.ok() && !is_there) co_return std::move(made).error();
  TARN_CO_TRY(const Json arn, co_await wait_until_active(order.caller, name));
  MadeResource out{name, Json::object()};
  out.attributes = {{"Arn", arn}};
  const auto ttl = order.properties.find("TimeToLiveSpecification");
  if (ttl != order.properties.end()) {
    Json setting = {{"TableName", name}, {"TimeToLiveSpecification", *ttl}};
    TARN_CO_TRY(const Json done, co_await calls_.call("dynamodb:UpdateTimeToLive", order.caller,
                                                      std::move(setting)));
  }
  co_return out;
}

Task<Result<Json>> TableType::wait_until_active(Caller caller, std::string name) const {
  const Json asked = {{"TableName", name}};
  while (true) {
    TARN_CO_TRY(const Json told, co_await calls_.call("dynamodb:DescribeTable", caller, asked));
    const Json& table = told["Table"];
    bool active = table["TableStatus"] == "ACTIVE";
    for (const Json& index : table.value("GlobalSecondaryIndexes", Json::array()))
      active = active && index.value("IndexStatus", "ACTIVE") == "ACTIVE";
    if (active) co_return table["TableArn"];
    co_await clock_.sleep(kLookAgain);
  }
}

Task<Status> TableType::set_tags(const ResourceOrder& order, const ResourceBefore& before) const {
  const Json arn = order.attributes.value("Arn", Json());
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty()) {
    Json input = {{"ResourceArn", arn}, {"TagKeys", dropped}};
    TARN_CO_TRY(const Json done,
                co_await calls_.call("dynamodb:UntagResource", order.caller, std::move(input)));
  }
  const Json tags = cloudformation::tag_list(order);
  if (tags.empty() || !cloudformation::tags_differ(order, before)) co_return Status();
  Json input = {{"ResourceArn", arn}, {"Tags", tags}};
  TARN_CO_TRY(const Json done,
              co_await calls_.call("dynamodb:TagResource", order.caller, std::move(input)));
  co_return Status();
}

Task<Result<MadeResource>> TableType::update(ResourceOrder order, ResourceBefore before) const {
  const Json& was = before.properties;
  const Json& wanted = order.properties;
  std::vector<Json> steps;
  Json table = Json::object();
  for (const char* name : {"BillingMode", "ProvisionedThroughput", "DeletionProtectionEnabled"}) {
    if (wanted.contains(name) && cloudformation::differs(was, wanted, name))
      table[name] = wanted[name];
  }
  if (was.contains("DeletionProtectionEnabled") && !wanted.contains("DeletionProtectionEnabled"))
    table["DeletionProtectionEnabled"] = false;
  if (!table.empty()) steps.push_back(table);
  const Json none = Json::array();
  for (Json& index : index_updates(was.value("GlobalSecondaryIndexes", none),
                                   wanted.value("GlobalSecondaryIndexes", none))) {
    steps.push_back({{"AttributeDefinitions", wanted["AttributeDefinitions"]},
                     {"GlobalSecondaryIndexUpdates", Json::array({std::move(index)})}});
  }
  for (Json& step : steps) {
    step["TableName"] = order.physical_id;
    TARN_CO_TRY(const Json done,
                co_await calls_.call("dynamodb:UpdateTable", order.caller, std::move(step)));
    TARN_CO_TRY(const Json arn, co_await wait_until_active(order.caller, order.physical_id));
  }
  if (cloudformation::differs(was, wanted, "TimeToLiveSpecification")) {
    Json setting = wanted.value("TimeToLiveSpecification",
                                was.value("TimeToLiveSpecification", Json::object()));
    if (!wanted.contains("TimeToLiveSpecification")) setting["Enabled"] = false;
    Json input = {{"TableName", order.physical_id},
                  {"TimeToLiveSpecification", std::move(setting)}};
    TARN_CO_TRY(const Json done,
                co_await calls_.call("dynamodb:UpdateTimeToLive", order.caller, std::move(input)));
  }
  TARN_CO_CHECK(co_await set_tags(order, before));
  co_return MadeResource{order.physical_id, order.attributes};
}

Task<Status> TableType::remove(ResourceOrder order) const {
  const Json input = {{"TableName", order.physical_id}};
  auto done = co_await calls_.call("dynamodb:DeleteTable", order.caller, input);
  while (done.ok()) {
    auto told = co_await calls_.call("dynamodb:DescribeTable", order.caller, input);
    if (!told.ok()) {
      done = std::move(told).error();
      break;
    }
    co_await clock_.sleep(kLookAgain);
  }
  if (done.error().is("ResourceNotFoundException")) co_return Status();
  co_return std::move(done).error();
}

// A specification that is switched off names an attribute that nothing keeps.
Json told_ttl(const Json& ttl, const Json& written) {
  const std::string status = ttl.value("TimeToLiveStatus", "DISABLED");
  if (status == "ENABLED" || status == "ENABLING")
    return {{"AttributeName", ttl["AttributeName"]}, {"Enabled", true}};
  if (!written.is_object()) return {};
  Json out = written;
  out["Enabled"] = false;
  return out;
}

Task<Result<std::optional<PresentResource>>> TableType::read(ResourceOrder order) const {
  const Json asked = {{"TableName", order.physical_id}};
  std::string absent = "ResourceNotFoundException";
  std::string action = "dynamodb:DescribeTable";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller, asked,
                                                     std::move(absent)));
  const Json table = told.is_null() ? Json() : told["Table"];
  if (table.is_null() || table["TableStatus"] == "DELETING")
    co_return std::optional<PresentResource>();
  PresentResource out;
  out.properties = told_table(table);
  out.attributes = {{"Arn", table["TableArn"]}};
  action = "dynamodb:DescribeTimeToLive";
  TARN_CO_TRY(const Json ttl, co_await calls_.call(std::move(action), order.caller, asked));
  Json kept =
      told_ttl(ttl["TimeToLiveDescription"], gateway::written(order, "TimeToLiveSpecification"));
  if (!kept.is_null()) out.properties["TimeToLiveSpecification"] = std::move(kept);
  Json of_tags = {{"ResourceArn", table["TableArn"]}};
  action = "dynamodb:ListTagsOfResource";
  TARN_CO_TRY(const Json tags,
              co_await calls_.call(std::move(action), order.caller, std::move(of_tags)));
  gateway::tell_tags(order, tags.value("Tags", Json::array()), out.properties);
  co_return std::optional(std::move(out));
}

}  // namespace

std::unique_ptr<cloudformation::ResourceType> table_type(const gateway::InProcess& calls,
                                                         platform::Clock& clock) {
  return std::make_unique<TableType>(calls, clock);
}

}  // namespace tarn::dynamodb
