// AWS::ServiceCatalog::LaunchRoleConstraint, LaunchTemplateConstraint,
// LaunchNotificationConstraint.
#include <array>
#include <span>

#include "services/servicecatalog/resources/catalog_calls.h"
#include "services/servicecatalog/resources/resources.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::array<Property, 6> kRoleProperties = {{replacing("PortfolioId", true),
                                                      replacing("ProductId", true),
                                                      {"RoleArn"},
                                                      {"LocalRoleName"},
                                                      {"Description"},
                                                      {"AcceptLanguage"}}};
constexpr std::array<Property, 5> kTemplateProperties = {{replacing("PortfolioId", true),
                                                          replacing("ProductId", true),
                                                          {"Rules", true},
                                                          {"Description"},
                                                          {"AcceptLanguage"}}};
constexpr std::array<Property, 5> kNotificationProperties = {{replacing("PortfolioId", true),
                                                              replacing("ProductId", true),
                                                              {"NotificationArns", true},
                                                              {"Description"},
                                                              {"AcceptLanguage"}}};

Json role_parameters(const Json& properties) {
  return pick(properties, {"RoleArn", "LocalRoleName"});
}
Json notification_parameters(const Json& properties) {
  return pick(properties, {"NotificationArns"});
}
// Rules are a text of JSON: the rules by name, or a document that has them.
Json template_parameters(const Json& properties) {
  const Json& rules = properties["Rules"];
  const Json read = rules.is_string() ? wire::parse_json(rules.get<std::string>()) : rules;
  if (read.is_object() && read.contains("Rules")) return read;
  return {{"Rules", read.is_discarded() ? Json(nullptr) : read}};
}

// What differs between them.
struct ConstraintForm {
  std::string_view name;
  const char* type;
  std::span<const Property> properties;
  Json (*parameters)(const Json& properties);
};

constexpr ConstraintForm kRoleForm = {"AWS::ServiceCatalog::LaunchRoleConstraint", "LAUNCH",
                                      kRoleProperties, role_parameters};
constexpr ConstraintForm kTemplateForm = {"AWS::ServiceCatalog::LaunchTemplateConstraint",
                                          "TEMPLATE", kTemplateProperties, template_parameters};
constexpr ConstraintForm kNotificationForm = {"AWS::ServiceCatalog::LaunchNotificationConstraint",
                                              "NOTIFICATION", kNotificationProperties,
                                              notification_parameters};

class ConstraintType final : public cloudformation::ResourceType {
 public:
  ConstraintType(const gateway::InProcess& calls, const ConstraintForm& form)
      : calls_(calls), form_(form) {}

  std::string_view name() const override { return form_.name; }
  std::span<const Property> properties() const override { return form_.properties; }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = pick(order.properties, {"PortfolioId", "ProductId", "Description"});
    input["Type"] = form_.type;
    input["Parameters"] = form_.parameters(order.properties).dump();
    input["IdempotencyToken"] = token_of(order);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("CreateConstraint", order.caller, std::move(input)));
    co_return MadeResource{made["ConstraintDetail"]["ConstraintId"].get<std::string>(),
                           Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    Json input = {{"Id", order.physical_id},
                  {"Description", order.properties.value("Description", "")},
                  {"Parameters", form_.parameters(order.properties).dump()}};
    TARN_CO_CHECK(co_await calls_.change("UpdateConstraint", order.caller, std::move(input)));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"Id", order.physical_id}};
    co_return co_await calls_.change("DeleteConstraint", order.caller, std::move(input), kGone);
  }

 private:
  CatalogCalls calls_;
  const ConstraintForm& form_;
};

}  // namespace

std::vector<OwnedType> constraint_types(const gateway::InProcess& calls) {
  std::vector<OwnedType> out;
  for (const ConstraintForm* form : {&kRoleForm, &kTemplateForm, &kNotificationForm})
    out.push_back(std::make_unique<ConstraintType>(calls, *form));
  return out;
}

}  // namespace tarn::servicecatalog
