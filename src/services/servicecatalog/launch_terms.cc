#include "services/servicecatalog/launch_terms.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/ranges.h>

#include "base/ids.h"
#include "gateway/system_tags.h"
#include "services/servicecatalog/constraints.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

Error no_path(const std::string& product) {
  return missing(fmt::format("No launch paths found for resource: {}", product));
}

}  // namespace

Result<Entry<ProductRecord>> visible_product(const ServiceCatalog& room, const Caller& caller,
                                             const Wanted& wanted) {
  if (wanted.product_id.has_value() == wanted.product_name.has_value())
    return invalid("Give either the id or the name of the product.");
  const View view(room.catalog, caller.region);
  std::map<std::string, Entry<ProductRecord>> found;
  for (const auto& path :
       paths_of(room.catalog, caller, room.identities.users, wanted.product_id.value_or(""))) {
    const auto product = view.find<ProductRecord>(path->product_id);
    if (wanted.product_name && product->name != *wanted.product_name) continue;
    found.emplace(product->id, product);
  }
  const std::string asked = wanted.product_id ? *wanted.product_id : *wanted.product_name;
  if (found.empty()) return no_path(asked);
  if (found.size() > 1)
    return invalid(fmt::format("{} products have the name {}: give an id.", found.size(), asked));
  return found.begin()->second;
}

Result<LaunchTerms> terms_of(const ServiceCatalog& room, const Caller& caller,
                             const Wanted& wanted) {
  TARN_TRY(auto product, visible_product(room, caller, wanted));
  if (wanted.path_id && wanted.path_name)
    return invalid("Give either the id or the name of the path.");
  const View view(room.catalog, caller.region);
  std::vector<LaunchTerms> all;
  for (const auto& path : paths_of(room.catalog, caller, room.identities.users, product->id)) {
    const auto portfolio = view.find<PortfolioRecord>(path->portfolio_id);
    if (wanted.path_id && path->id != *wanted.path_id) continue;
    if (wanted.path_name && portfolio->name != *wanted.path_name) continue;
    all.push_back({product, path, portfolio, constraints_of(view, portfolio->id, product->id)});
  }
  if (all.empty()) return no_path(product->id);
  if (all.size() > 1) {
    return invalid(fmt::format("{} launch paths lead to {}: name one by PathId (ListLaunchPaths).",
                               all.size(), product->id));
  }
  return std::move(all.front());
}

std::map<std::string, std::vector<std::string>> offered_tags(const View& view,
                                                             const LaunchTerms& terms) {
  std::map<std::string, std::set<std::string>> found;
  for (const auto& use : view.all<TagOptionUseRecord>([&](const TagOptionUseRecord& each) {
         return each.resource_id == terms.product->id || each.resource_id == terms.portfolio->id;
       })) {
    const auto option = view.find<TagOptionRecord>(use->tag_option_id);
    if (option != nullptr && option->is_active) found[option->key].insert(option->value);
  }
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& [key, values] : found) out[key].assign(values.begin(), values.end());
  return out;
}

TagMap inherited_tags(const PortfolioRecord& portfolio, const ProductRecord& product) {
  TagMap out = portfolio.tags;
  for (const auto& [key, value] : product.tags) out[key] = value;
  std::erase_if(out, [](const auto& tag) { return gateway::is_system_tag(tag.first); });
  return out;
}

Result<TagMap> tags_of_launch(const View& view, const LaunchTerms& terms, const TagMap& given) {
  TagMap out = inherited_tags(*terms.portfolio, *terms.product);
  for (const auto& [key, value] : given) out[key] = value;
  for (const auto& [key, values] : offered_tags(view, terms)) {
    const auto chosen = given.find(key);
    if (chosen == given.end()) {
      if (values.size() > 1) {
        return invalid(fmt::format("The tag {} must have one of the values: {}.", key,
                                   fmt::join(values, ", ")));
      }
      out[key] = values.front();
    } else if (std::find(values.begin(), values.end(), chosen->second) == values.end()) {
      return invalid(fmt::format("The tag {} has the value {}, which is none of: {}.", key,
                                 chosen->second, fmt::join(values, ", ")));
    }
  }
  return out;
}

TagMap auto_tags(const std::string& account_id, const std::string& region, const LaunchPlan& plan,
                 const Maker& maker, const std::string& provisioned_arn) {
  const auto arn = [&](const std::string& type, const std::string& id) {
    return make_arn("catalog", region, account_id, type + id);
  };
  return {{"aws:servicecatalog:portfolioArn", arn("portfolio/", plan.portfolio_id)},
          {"aws:servicecatalog:productArn", arn("product/", plan.product_id)},
          {"aws:servicecatalog:provisioningArtifactIdentifier", plan.version_id},
          {"aws:servicecatalog:provisioningPrincipalArn", maker.session_arn},
          {"aws:servicecatalog:provisionedProductArn", provisioned_arn}};
}

LaunchPlan plan_of(const Caller& caller, const LaunchTerms& terms, const VersionRecord& version) {
  LaunchPlan out;
  out.product_id = terms.product->id;
  out.version_id = version.id;
  out.path_id = terms.path->id;
  out.portfolio_id = terms.portfolio->id;
  for (const auto& constraint : terms.constraints) {
    if (constraint->type == "LAUNCH")
      out.launch_role = launch_role_of(caller, constraint->parameters);
    if (constraint->type != "NOTIFICATION") continue;
    for (std::string& topic : notification_arns_of(constraint->parameters))
      out.notification_arns.push_back(std::move(topic));
  }
  return out;
}

std::vector<std::string> rules_of(const Entries<ConstraintRecord>& constraints) {
  std::vector<std::string> out;
  for (const auto& each : constraints) {
    if (each->type == "TEMPLATE") out.push_back(each->parameters);
  }
  return out;
}

}  // namespace tarn::servicecatalog
