// AWS::ServiceCatalog::PortfolioProductAssociation, PortfolioPrincipalAssociation,
// TagOptionAssociation: what joins two others. Every change makes another.
#include <array>
#include <span>

#include "services/servicecatalog/resources/catalog_calls.h"
#include "services/servicecatalog/resources/resources.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::array<Property, 3> kProductProperties = {
    {replacing("PortfolioId", true), replacing("ProductId", true), replacing("AcceptLanguage")}};
constexpr std::array<Property, 4> kPrincipalProperties = {
    {replacing("PortfolioId", true), replacing("PrincipalARN", true),
     replacing("PrincipalType", true), replacing("AcceptLanguage")}};
constexpr std::array<Property, 2> kTagOptionProperties = {
    {replacing("TagOptionId", true), replacing("ResourceId", true)}};

// What differs between them. The properties that make the call, and in this order the id.
struct AssociationForm {
  std::string_view name;
  std::span<const Property> properties;
  std::array<std::string_view, 2> joined;
  std::string_view kind;  // a third member of the call; empty: none
  const char* associate;  // actions
  const char* disassociate;
};

constexpr AssociationForm kProductForm = {"AWS::ServiceCatalog::PortfolioProductAssociation",
                                          kProductProperties,
                                          {"PortfolioId", "ProductId"},
                                          "",
                                          "AssociateProductWithPortfolio",
                                          "DisassociateProductFromPortfolio"};
constexpr AssociationForm kPrincipalForm = {"AWS::ServiceCatalog::PortfolioPrincipalAssociation",
                                            kPrincipalProperties,
                                            {"PortfolioId", "PrincipalARN"},
                                            "PrincipalType",
                                            "AssociatePrincipalWithPortfolio",
                                            "DisassociatePrincipalFromPortfolio"};
constexpr AssociationForm kTagOptionForm = {"AWS::ServiceCatalog::TagOptionAssociation",
                                            kTagOptionProperties,
                                            {"TagOptionId", "ResourceId"},
                                            "",
                                            "AssociateTagOptionWithResource",
                                            "DisassociateTagOptionFromResource"};

class CatalogAssociationType final : public cloudformation::ResourceType {
 public:
  CatalogAssociationType(const gateway::InProcess& calls, const AssociationForm& form)
      : calls_(calls), form_(form) {}

  std::string_view name() const override { return form_.name; }
  std::span<const Property> properties() const override { return form_.properties; }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = joined(order);
    if (!form_.kind.empty()) input[std::string(form_.kind)] = order.properties[form_.kind];
    const char* const again = order.is_repeated ? "DuplicateResourceException" : "";
    TARN_CO_CHECK(co_await calls_.change(form_.associate, order.caller, std::move(input), again));
    const auto one = order.properties[form_.joined[0]].get<std::string>();
    const auto other = order.properties[form_.joined[1]].get<std::string>();
    co_return MadeResource{one + "|" + other, Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = joined(order);
    co_return co_await calls_.change(form_.disassociate, order.caller, std::move(input), kGone);
  }

 private:
  [[nodiscard]] Json joined(const ResourceOrder& order) const {
    return pick(order.properties, {form_.joined[0], form_.joined[1]});
  }

  CatalogCalls calls_;
  const AssociationForm& form_;
};

}  // namespace

std::vector<OwnedType> association_types(const gateway::InProcess& calls) {
  std::vector<OwnedType> out;
  for (const AssociationForm* form : {&kProductForm, &kPrincipalForm, &kTagOptionForm})
    out.push_back(std::make_unique<CatalogAssociationType>(calls, *form));
  return out;
}

}  // namespace tarn::servicecatalog
