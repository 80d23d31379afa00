// AWS::ServiceCatalog::CloudFormationProvisionedProduct: a product that a stack launches.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-servicecatalog-cloudformationprovisionedproduct.html
#include <array>
#include <chrono>
#include <span>

#include <fmt/format.h>

#include "services/servicecatalog/resources/catalog_calls.h"
#include "services/servicecatalog/resources/resources.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::chrono::milliseconds kLookAgain{100};

class ProvisionedProductType final : public cloudformation::ResourceType {
 public:
  ProvisionedProductType(const gateway::InProcess& calls, platform::Clock& clock)
      : calls_(calls), clock_(clock) {}

  std::string_view name() const override {
    return "AWS::ServiceCatalog::CloudFormationProvisionedProduct";
  }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 11> kProperties = {{{"ProductId"},
                                                              {"ProductName"},
                                                              {"ProvisioningArtifactId"},
                                                              {"ProvisioningArtifactName"},
                                                              {"PathId"},
                                                              {"PathName"},
                                                              replacing("ProvisionedProductName"),
                                                              {"ProvisioningParameters"},
                                                              replacing("NotificationArns"),
                                                              {"Tags"},
                                                              {"AcceptLanguage"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = asked(order);
    input["ProvisionedProductName"] =
        order.properties.value("ProvisionedProductName", token_of(order));
    input["Tags"] = own_tags(order);
    if (order.properties.contains("NotificationArns"))
      input["NotificationArns"] = order.properties["NotificationArns"];
    input["ProvisionToken"] = token_of(order);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("ProvisionProduct", order.caller, std::move(input)));
    const Json& record = made["RecordDetail"];
    const auto id = record["ProvisionedProductId"].get<std::string>();
    const auto record_id = record["RecordId"].get<std::string>();
    TARN_CO_CHECK(co_await order.progress->begun(id));
    co_return co_await wait(order, record_id);
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    if (cloudformation::tags_differ(order, before)) {
      co_return Error("ValidationError",
                      "Tags of a provisioned product cannot be changed: that would take a "
                      "RESOURCE_UPDATE constraint.",
                      400);
    }
    TARN_CO_TRY(const std::string last, co_await last_record(order));
    Json input = asked(order);
    input["ProvisionedProductId"] = order.physical_id;
    input["UpdateToken"] = fmt::format("after-{}", last);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("UpdateProvisionedProduct", order.caller, std::move(input)));
    co_return co_await wait(order, made["RecordDetail"]["RecordId"].get<std::string>());
  }
  Task<Status> remove(ResourceOrder order) const override {
    const auto last = co_await last_record(order);
    if (!last.ok() && last.error().is(kGone)) co_return Status();
    if (!last.ok()) co_return last.error();
    Json input = {{"ProvisionedProductId", order.physical_id},
                  {"TerminateToken", fmt::format("after-{}", *last)}};
    auto begun =
        co_await calls_.call("TerminateProvisionedProduct", order.caller, std::move(input));
    if (!begun.ok() && begun.error().is(kGone)) co_return Status();
    if (!begun.ok()) co_return std::move(begun).error();
    auto ended = co_await wait(order, (*begun)["RecordDetail"]["RecordId"].get<std::string>());
    if (ended.ok()) co_return Status();
    co_return std::move(ended).error();
  }

 private:
  // Those of kTagPrefix are this stack's alone: the launched one has its own.
  static Json own_tags(const ResourceOrder& order) {
    Json out = Json::array();
    const Json all = cloudformation::tag_list(order);
    for (const Json& tag : all) {
      if (!tag["Key"].get<std::string>().starts_with(cloudformation::kTagPrefix))
        out.push_back(tag);
    }
    return out;
  }
  static Json asked(const ResourceOrder& order) {
    return pick(order.properties,
                {"ProductId", "ProductName", "ProvisioningArtifactId", "ProvisioningArtifactName",
                 "PathId", "PathName", "ProvisioningParameters"});
  }
  static MadeResource told(const Json& shown) {
    const Json& record = shown["RecordDetail"];
    const auto id = record["ProvisionedProductId"].get<std::string>();
    Json attributes = {{"RecordId", record["RecordId"]}, {"ProvisionedProductId", id}};
    for (const Json& each : shown["RecordOutputs"]) {
      const auto key = each["OutputKey"].get<std::string>();
      if (key == "CloudformationStackARN")
        attributes["CloudformationStackArn"] = each["OutputValue"];
      attributes["Outputs." + key] = each["OutputValue"];
    }
    return {id, std::move(attributes)};
  }
  // The id of the last operation, which has ended. Errors: kGone, kCancelled.
  [[nodiscard]] Task<Result<std::string>> last_record(const ResourceOrder& order) const {
    while (true) {
      Json input = {{"Id", order.physical_id}};
      TARN_CO_TRY(const Json shown, co_await calls_.call("DescribeProvisionedProduct", order.caller,
                                                         std::move(input)));
      const Json& product = shown["ProvisionedProductDetail"];
      if (product["Status"] != "UNDER_CHANGE") co_return product["LastRecordId"].get<std::string>();
      TARN_CO_CHECK(order.check_going_on());
      co_await clock_.sleep(kLookAgain);
    }
  }
  // With the outputs of all pages.
  [[nodiscard]] Task<Result<Json>> record(const ResourceOrder& order, std::string id) const {
    Json input = {{"Id", id}};
    TARN_CO_TRY(Json shown, co_await calls_.call("DescribeRecord", order.caller, input));
    Json page = shown;
    while (page.contains("NextPageToken")) {
      input["PageToken"] = page["NextPageToken"];
      TARN_CO_TRY(page, co_await calls_.call("DescribeRecord", order.caller, input));
      for (const Json& each : page["RecordOutputs"]) shown["RecordOutputs"].push_back(each);
    }
    co_return shown;
  }
  // Until the operation has ended. Errors: what it failed of; kCancelled.
  [[nodiscard]] Task<Result<MadeResource>> wait(const ResourceOrder& order,
                                                std::string record_id) const {
    while (true) {
      TARN_CO_TRY(const Json shown, co_await record(order, record_id));
      const Json& detail = shown["RecordDetail"];
      if (detail["Status"] == "SUCCEEDED") co_return told(shown);
      if (detail["Status"] == "FAILED") {
        const Json errors = detail.value("RecordErrors", Json::array());
        co_return Error("ValidationError",
                        errors.empty() ? "the operation failed"
                                       : errors[0].value("Description", "the operation failed"),
                        400);
      }
      TARN_CO_CHECK(order.check_going_on());
      co_await clock_.sleep(kLookAgain);
    }
  }

  CatalogCalls calls_;
  platform::Clock& clock_;
};

}  // namespace

OwnedType provisioned_product_type(const gateway::InProcess& calls, platform::Clock& clock) {
  return std::make_unique<ProvisionedProductType>(calls, clock);
}

}  // namespace tarn::servicecatalog
