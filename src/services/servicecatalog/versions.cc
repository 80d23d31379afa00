#include "services/servicecatalog/versions.h"

#include <utility>

#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::string_view kLoadTemplate = "LoadTemplateFromURL";

Result<std::string> url_of(const ProvisioningArtifactProperties& properties) {
  const auto info = properties.info.value_or(std::map<std::string, std::string>());
  for (const auto& [key, value] : info) {
    if (key == "ImportFromPhysicalId") return not_offered("ImportFromPhysicalId");
    if (key != kLoadTemplate)
      return invalid(fmt::format("Info has the key {}; it takes {}.", key, kLoadTemplate));
  }
  const auto url = info.find(std::string(kLoadTemplate));
  if (url != info.end()) return url->second;
  return invalid(fmt::format("Info must have {}: the URL of a template.", kLoadTemplate));
}

// What a template is refused for, in the words of Service Catalog.
Error unreadable(const Error& error) {
  if (error.is("ValidationError")) return invalid(error.message);
  return as_told(error);
}

}  // namespace

Task<Result<VersionRecord>> read_version(ServiceCatalog& room, const Caller& caller,
                                         ProvisioningArtifactProperties properties) {
  const std::string type = properties.type.value_or("CLOUD_FORMATION_TEMPLATE");
  if (type != "CLOUD_FORMATION_TEMPLATE")
    co_return not_offered(fmt::format("A provisioning artifact of type {}", type));
  VersionRecord out;
  TARN_CO_TRY(out.url, url_of(properties));
  std::string url = out.url;
  auto text = co_await room.launches.read_template(caller, std::move(url));
  if (!text.ok()) co_return unreadable(text.error());
  out.text = *std::move(text);
  if (!properties.disable_template_validation.value_or(false)) {
    const auto read = cloudformation::inspect_template(out.text);
    if (!read.ok()) {
      co_return invalid(
          fmt::format("Invalid templateBody. Please make sure that your template is valid: {}",
                      read.error().message));
    }
  }
  out.id = new_id(room, "pa-");
  out.name = properties.name.value_or("");
  out.description = properties.description.value_or("");
  out.created_ms = room.platform.clock.now().ms;
  co_return out;
}

std::map<std::string, std::string> info_of(const VersionRecord& version) {
  return {{"TemplateUrl", version.url}};
}

Result<Entry<ProductRecord>> find_product(const View& view, const std::optional<std::string>& id,
                                          const std::optional<std::string>& name) {
  if (id.has_value() == name.has_value())
    return invalid("Give either the id or the name of the product.");
  if (id) return product_of(view, *id);
  const auto named =
      view.all<ProductRecord>([&](const ProductRecord& product) { return product.name == *name; });
  if (named.empty()) return missing(fmt::format("Product {} not found.", *name));
  if (named.size() > 1)
    return invalid(fmt::format("{} products have the name {}: give an id.", named.size(), *name));
  return named.front();
}

Result<Entry<VersionRecord>> find_version(const View& view, const std::string& product_id,
                                          const std::optional<std::string>& id,
                                          const std::optional<std::string>& name) {
  if (id.has_value() == name.has_value())
    return invalid("Give either the id or the name of the provisioning artifact.");
  for (const auto& version : versions_of(view, product_id)) {
    if (id ? version->id == *id : version->name == *name) return version;
  }
  return missing(fmt::format("Provisioning artifact {} not found for product {}.", id ? *id : *name,
                             product_id));
}

}  // namespace tarn::servicecatalog
