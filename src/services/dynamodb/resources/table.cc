// AWS::DynamoDB::Table.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html
#include <array>
#include <chrono>
#include <utility>

#include "services/dynamodb/resources/resources.h"

namespace tarn::dynamodb {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
using cloudformation::ResourceOrder;

constexpr std::chrono::milliseconds kLookAgain{50};

class TableType final : public cloudformation::ResourceType {
 public:
  TableType(const gateway::InProcess& calls, platform::Clock& clock)
      : calls_(calls), clock_(clock) {}

  std::string_view name() const override { return "AWS::DynamoDB::Table"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 10> kProperties = {{{"TableName"},
                                                              {"AttributeDefinitions", true},
                                                              {"KeySchema", true},
                                                              {"BillingMode"},
                                                              {"ProvisionedThroughput"},
                                                              {"GlobalSecondaryIndexes"},
                                                              {"LocalSecondaryIndexes"},
                                                              {"TimeToLiveSpecification"},
                                                              {"DeletionProtectionEnabled"},
                                                              {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Status> remove(Caller caller, std::string physical_id, Json properties) const override;

 private:
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
  MadeResource out{name, Json::object()};
  while (out.attributes.empty()) {
    Json asked = {{"TableName", name}};
    TARN_CO_TRY(const Json told,
                co_await calls_.call("dynamodb:DescribeTable", order.caller, std::move(asked)));
    const Json& table = told["Table"];
    if (table["TableStatus"] == "ACTIVE") {
      out.attributes = {{"Arn", table["TableArn"]}};
    } else {
      co_await clock_.sleep(kLookAgain);
    }
  }
  const auto ttl = order.properties.find("TimeToLiveSpecification");
  if (ttl != order.properties.end()) {
    Json setting = {{"TableName", name}, {"TimeToLiveSpecification", *ttl}};
    TARN_CO_TRY(const Json done, co_await calls_.call("dynamodb:UpdateTimeToLive", order.caller,
                                                      std::move(setting)));
  }
  co_return out;
}

Task<Status> TableType::remove(Caller caller, std::string physical_id, Json /*properties*/) const {
  const Json input = {{"TableName", physical_id}};
  auto done = co_await calls_.call("dynamodb:DeleteTable", caller, input);
  while (done.ok()) {
    auto told = co_await calls_.call("dynamodb:DescribeTable", caller, input);
    if (!told.ok()) {
      done = std::move(told).error();
      break;
    }
    co_await clock_.sleep(kLookAgain);
  }
  if (done.error().is("ResourceNotFoundException")) co_return Status();
  co_return std::move(done).error();
}

}  // namespace

std::unique_ptr<cloudformation::ResourceType> table_type(const gateway::InProcess& calls,
                                                         platform::Clock& clock) {
  return std::make_unique<TableType>(calls, clock);
}

}  // namespace tarn::dynamodb
