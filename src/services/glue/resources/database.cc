// AWS::Glue::Database.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-glue-database.html
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "gateway/present.h"
#include "services/glue/resources/resources.h"
#include "wire/encoding.h"

namespace tarn::glue {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// Names of databases are in small letters, and engines take no dashes in them.
std::string made_up_database(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::tolower(c));
  });
  return name;
}

class DatabaseType final : public cloudformation::ResourceType {
 public:
  explicit DatabaseType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::Glue::Database"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {{"CatalogId", true}, {"DatabaseInput", true}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json database = order.properties["DatabaseInput"];
    if (!database.contains("Name")) database["Name"] = made_up_database(order.physical_name);
    const auto name = database["Name"].get<std::string>();
    Json input = {{"CatalogId", order.properties["CatalogId"]}, {"DatabaseInput", database}};
    auto made = co_await calls_.call("glue:CreateDatabase", order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("AlreadyExistsException");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    co_return MadeResource{name, Json::object()};
  }
  // Another name is another database.
  bool replaces(const Json& before, const Json& wanted) const override {
    return ResourceType::replaces(before, wanted) ||
           cloudformation::differs(before.value("DatabaseInput", Json::object()),
                                   wanted.value("DatabaseInput", Json::object()), "Name");
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    Json database = order.properties["DatabaseInput"];
    database["Name"] = order.physical_id;
    Json input = {{"CatalogId", order.properties["CatalogId"]},
                  {"Name", order.physical_id},
                  {"DatabaseInput", std::move(database)}};
    TARN_CO_TRY(const Json done,
                co_await calls_.call("glue:UpdateDatabase", order.caller, std::move(input)));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"CatalogId", order.properties["CatalogId"]}, {"Name", order.physical_id}};
    auto done = co_await calls_.call("glue:DeleteDatabase", order.caller, std::move(input));
    if (done.ok() || done.error().is("EntityNotFoundException")) co_return Status();
    co_return std::move(done).error();
  }
  std::string_view identifier() const override { return "DatabaseName"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  const gateway::InProcess& calls_;
};

Task<Result<std::optional<PresentResource>>> DatabaseType::read(ResourceOrder order) const {
  Json catalog = gateway::written(order, "CatalogId");
  if (catalog.is_null()) catalog = order.caller.account_id;
  Json asked = {{"CatalogId", catalog}, {"Name", order.physical_id}};
  std::string absent = "EntityNotFoundException";
  std::string action = "glue:GetDatabase";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  if (told.is_null()) co_return std::optional<PresentResource>();
  const Json& there = told["Database"];
  Json database = cloudformation::pick(there, {"Name", "Description", "LocationUri", "Parameters",
                                               "CreateTableDefaultPermissions", "TargetDatabase"});
  // A template may have the name in capitals.
  const Json before = gateway::written(order, "DatabaseInput");
  const std::string name = before.is_object() ? before.value("Name", "") : "";
  if (wire::to_lower(name) == there["Name"]) database["Name"] = name;
  PresentResource out;
  out.properties = {{"CatalogId", catalog}, {"DatabaseInput", std::move(database)}};
  co_return std::optional(std::move(out));
}

}  // namespace

std::unique_ptr<cloudformation::ResourceType> database_type(const gateway::InProcess& calls) {
  return std::make_unique<DatabaseType>(calls);
}

}  // namespace tarn::glue
