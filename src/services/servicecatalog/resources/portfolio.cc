// AWS::ServiceCatalog::Portfolio, TagOption.
#include <array>
#include <span>

#include "services/servicecatalog/resources/catalog_calls.h"
#include "services/servicecatalog/resources/resources.h"

namespace tarn::servicecatalog {
namespace {

class PortfolioType final : public cloudformation::ResourceType {
 public:
  explicit PortfolioType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::ServiceCatalog::Portfolio"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 5> kProperties = {{{"DisplayName", true},
                                                             {"ProviderName", true},
                                                             {"Description"},
                                                             {"AcceptLanguage"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = pick(order.properties, {"DisplayName", "ProviderName", "Description"});
    input["Tags"] = cloudformation::tag_list(order);
    input["IdempotencyToken"] = token_of(order);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("CreatePortfolio", order.caller, std::move(input)));
    co_return made_of(made["PortfolioDetail"]["Id"], order);
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    Json input = pick(order.properties, {"DisplayName", "ProviderName", "Description"});
    if (!input.contains("Description")) input["Description"] = "";
    input["Id"] = order.physical_id;
    add_tag_changes(order, before, input);
    TARN_CO_CHECK(co_await calls_.change("UpdatePortfolio", order.caller, std::move(input)));
    co_return made_of(order.physical_id, order);
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"Id", order.physical_id}};
    co_return co_await calls_.change("DeletePortfolio", order.caller, std::move(input), kGone);
  }

 private:
  static MadeResource made_of(std::string id, const ResourceOrder& order) {
    return {std::move(id), {{"PortfolioName", order.properties["DisplayName"]}}};
  }

  CatalogCalls calls_;
};

class TagOptionType final : public cloudformation::ResourceType {
 public:
  explicit TagOptionType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::ServiceCatalog::TagOption"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 3> kProperties = {
        {replacing("Key", true), replacing("Value", true), {"Active"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = pick(order.properties, {"Key", "Value"});
    auto made = co_await calls_.call("CreateTagOption", order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("DuplicateResourceException");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    std::string id;
    if (is_there) {
      TARN_CO_TRY(id, co_await find(order));
    } else {
      id = (*made)["TagOptionDetail"]["Id"].get<std::string>();
    }
    TARN_CO_CHECK(co_await activate(order, id));
    co_return MadeResource{id, Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    std::string id = order.physical_id;
    TARN_CO_CHECK(co_await activate(order, std::move(id)));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"Id", order.physical_id}};
    co_return co_await calls_.change("DeleteTagOption", order.caller, std::move(input), kGone);
  }

 private:
  // The one that was made before the server ended.
  [[nodiscard]] Task<Result<std::string>> find(const ResourceOrder& order) const {
    Json input = {{"Filters", pick(order.properties, {"Key", "Value"})}};
    TARN_CO_TRY(const Json found,
                co_await calls_.call("ListTagOptions", order.caller, std::move(input)));
    if (found["TagOptionDetails"].empty()) co_return Error(kGone, "the TagOption is gone");
    co_return found["TagOptionDetails"][0]["Id"].get<std::string>();
  }
  [[nodiscard]] Task<Status> activate(const ResourceOrder& order, std::string id) const {
    Json input = {{"Id", std::move(id)}, {"Active", order.properties.value("Active", Json(true))}};
    co_return co_await calls_.change("UpdateTagOption", order.caller, std::move(input));
  }

  CatalogCalls calls_;
};

}  // namespace

std::vector<OwnedType> portfolio_types(const gateway::InProcess& calls) {
  std::vector<OwnedType> out;
  out.push_back(std::make_unique<PortfolioType>(calls));
  out.push_back(std::make_unique<TagOptionType>(calls));
  return out;
}

}  // namespace tarn::servicecatalog
