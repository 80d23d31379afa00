// AWS::ServiceCatalog::CloudFormationProduct, with its provisioning artifacts.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-servicecatalog-cloudformationproduct.html
#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "services/servicecatalog/resources/catalog_calls.h"
#include "services/servicecatalog/resources/resources.h"

namespace tarn::servicecatalog {
namespace {

constexpr const char* kVersions = "ProvisioningArtifactParameters";

// A provisioning artifact is known by its name and the URL of its template.
struct VersionKey {
  std::string name;
  std::string url;

  [[nodiscard]] bool operator==(const VersionKey&) const = default;
};
struct MadeVersion {
  VersionKey key;
  std::string id;
};

VersionKey key_of(const Json& parameters) {
  const Json info = parameters.value("Info", Json::object());
  return {parameters.value("Name", ""), info.value("LoadTemplateFromURL", "")};
}

class ProductType final : public cloudformation::ResourceType {
 public:
  explicit ProductType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::ServiceCatalog::CloudFormationProduct"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 12> kProperties = {{{"Name", true},
                                                              {"Owner", true},
                                                              {kVersions, true},
                                                              {"Description"},
                                                              {"Distributor"},
                                                              {"SupportDescription"},
                                                              {"SupportEmail"},
                                                              {"SupportUrl"},
                                                              {"Tags"},
                                                              {"ReplaceProvisioningArtifacts"},
                                                              replacing("ProductType"),
                                                              {"AcceptLanguage"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    const Json versions = order.properties[kVersions];
    if (!versions.is_array() || versions.empty()) {
      co_return Error("ValidationError",
                      "ProvisioningArtifactParameters must have at least one element.", 400);
    }
    Json input = described(order);
    input["ProductType"] = order.properties.value("ProductType", "CLOUD_FORMATION_TEMPLATE");
    input["Tags"] = cloudformation::tag_list(order);
    input[kVersions] = versions[0];
    input["IdempotencyToken"] = token_of(order);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("CreateProduct", order.caller, std::move(input)));
    const auto id = made["ProductViewDetail"]["ProductViewSummary"]["ProductId"].get<std::string>();
    TARN_CO_CHECK(co_await order.progress->begun(id));
    order.physical_id = id;
    co_return co_await complete(std::move(order), ResourceBefore());
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    Json input = described(order);
    for (const char* name :
         {"Description", "Distributor", "SupportDescription", "SupportEmail", "SupportUrl"}) {
      if (!input.contains(name)) input[name] = "";
    }
    input["Id"] = order.physical_id;
    add_tag_changes(order, before, input);
    TARN_CO_CHECK(co_await calls_.change("UpdateProduct", order.caller, std::move(input)));
    co_return co_await complete(std::move(order), std::move(before));
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"Id", order.physical_id}};
    co_return co_await calls_.change("DeleteProduct", order.caller, std::move(input), kGone);
  }

 private:
  static Json described(const ResourceOrder& order) {
    return pick(order.properties, {"Name", "Owner", "Description", "Distributor",
                                   "SupportDescription", "SupportEmail", "SupportUrl"});
  }
  static MadeResource told(const ResourceOrder& order, const std::vector<MadeVersion>& versions) {
    std::string ids;
    std::string names;
    for (const MadeVersion& each : versions) {
      ids += (ids.empty() ? "" : ",") + each.id;
      names += (names.empty() ? "" : ",") + each.key.name;
    }
    return {order.physical_id,
            {{"ProductName", order.properties["Name"]},
             {"ProvisioningArtifactIds", ids},
             {"ProvisioningArtifactNames", names}}};
  }
  // Those that the product has.
  [[nodiscard]] Task<Result<std::vector<MadeVersion>>> versions_of(
      const ResourceOrder& order) const {
    Json input = {{"ProductId", order.physical_id}};
    TARN_CO_TRY(const Json listed,
                co_await calls_.call("ListProvisioningArtifacts", order.caller, std::move(input)));
    std::vector<MadeVersion> out;
    for (const Json& each : listed["ProvisioningArtifactDetails"]) {
      Json asked = {{"ProductId", order.physical_id}, {"ProvisioningArtifactId", each["Id"]}};
      TARN_CO_TRY(const Json shown, co_await calls_.call("DescribeProvisioningArtifact",
                                                         order.caller, std::move(asked)));
      out.push_back({{each.value("Name", ""), shown["Info"].value("TemplateUrl", "")},
                     each["Id"].get<std::string>()});
    }
    co_return out;
  }
  [[nodiscard]] Task<Result<MadeVersion>> make(const ResourceOrder& order, Json version) const {
    const VersionKey key = key_of(version);
    const std::size_t mark = std::hash<std::string>()(key.name + "\n" + key.url);
    Json input = {{"ProductId", order.physical_id},
                  {"Parameters", std::move(version)},
                  {"IdempotencyToken", fmt::format("{}-{:x}", order.physical_id, mark)}};
    TARN_CO_TRY(const Json made,
                co_await calls_.call("CreateProvisioningArtifact", order.caller, std::move(input)));
    co_return MadeVersion{key, made["ProvisioningArtifactDetail"]["Id"].get<std::string>()};
  }
  // Makes the versions that are wanted and not there; removes those that the stack had and that are
  // not wanted.
  [[nodiscard]] Task<Result<MadeResource>> complete(ResourceOrder order,
                                                    ResourceBefore before) const;

  CatalogCalls calls_;
};

Task<Result<MadeResource>> ProductType::complete(ResourceOrder order, ResourceBefore before) const {
  TARN_CO_TRY(std::vector<MadeVersion> there, co_await versions_of(order));
  std::vector<MadeVersion> wanted;
  const Json versions = order.properties[kVersions];
  for (const Json& version : versions) {
    const VersionKey key = key_of(version);
    const auto found = std::find_if(there.begin(), there.end(),
                                    [&](const MadeVersion& each) { return each.key == key; });
    if (found != there.end()) {
      wanted.push_back(*found);
      there.erase(found);
      continue;
    }
    Json asked = version;
    TARN_CO_TRY(MadeVersion made, co_await make(order, std::move(asked)));
    wanted.push_back(std::move(made));
  }
  const Json had = before.properties.value(kVersions, Json::array());
  for (const MadeVersion& each : there) {
    const bool is_ours = std::any_of(
        had.begin(), had.end(), [&](const Json& version) { return key_of(version) == each.key; });
    if (!is_ours) continue;
    Json input = {{"ProductId", order.physical_id}, {"ProvisioningArtifactId", each.id}};
    TARN_CO_CHECK(co_await calls_.change("DeleteProvisioningArtifact", order.caller,
                                         std::move(input), kGone));
  }
  co_return told(order, wanted);
}

}  // namespace

OwnedType product_type(const gateway::InProcess& calls) {
  return std::make_unique<ProductType>(calls);
}

}  // namespace tarn::servicecatalog
