// SearchProducts, DescribeProduct, DescribeProductView, ListLaunchPaths,
// DescribeProvisioningParameters: what end users see of products.
#include <map>
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/launch_terms.h"
#include "services/servicecatalog/product_search.h"
#include "services/servicecatalog/tell.h"
#include "services/servicecatalog/versions.h"

namespace tarn::servicecatalog {
namespace {

std::vector<ProvisioningArtifact> shown_versions(const View& view, const std::string& product_id) {
  std::vector<ProvisioningArtifact> out;
  for (const auto& version : versions_of(view, product_id, true))
    out.push_back(told_artifact(*version));
  return out;
}

// How many ways lead the caller to each product.
std::map<std::string, std::size_t> ways_by_product(const ServiceCatalog& room,
                                                   const Caller& caller) {
  std::map<std::string, std::size_t> out;
  for (const auto& path : paths_of(room.catalog, caller, room.identities.users, ""))
    ++out[path->product_id];
  return out;
}

std::vector<UsageInstruction> instructions_of(const cloudformation::Template& read) {
  std::vector<UsageInstruction> out;
  if (read.description.empty()) return out;
  out.emplace_back();
  out.back().type = "instructions";
  out.back().value = read.description;
  return out;
}

void tell_template(const cloudformation::Template& read,
                   DescribeProvisioningParametersOutput& out) {
  out.provisioning_artifact_parameters = told_parameters(read);
  out.usage_instructions = instructions_of(read);
  auto& outputs = out.provisioning_artifact_outputs.emplace();
  for (const cloudformation::OutputDefinition& each : read.outputs) {
    ProvisioningArtifactOutput& shown = outputs.emplace_back();
    shown.key = each.name;
    shown.description = if_any(each.description);
  }
  out.provisioning_artifact_output_keys = out.provisioning_artifact_outputs;
}

}  // namespace

Task<Result<SearchProductsOutput>> handle(SearchProducts /*tag*/, ServiceCatalog& room,
                                          const Caller& caller, SearchProductsInput input) {
  const View view(room.catalog, caller.region);
  const auto ways = ways_by_product(room, caller);
  Entries<ProductRecord> seen;
  for (const auto& [id, count] : ways) seen.push_back(view.find<ProductRecord>(id));
  const ProductQuery query{input.filters, input.sort_by, input.sort_order};
  std::vector<ProductViewSummary> all;
  std::map<std::string, std::int32_t> owners;
  for (const auto& product : search(view, std::move(seen), query)) {
    all.push_back(told_view(*product, ways.at(product->id) == 1));
    ++owners[product->owner];
  }
  SearchProductsOutput out;
  auto& by_owner = out.product_view_aggregations.emplace()["Owner"];
  for (const auto& [owner, count] : owners) {
    by_owner.emplace_back();
    by_owner.back().value = owner;
    by_owner.back().approximate_count = count;
  }
  TARN_CO_TRY(out.product_view_summaries,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

Task<Result<DescribeProductOutput>> handle(DescribeProduct /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, DescribeProductInput input) {
  const View view(room.catalog, caller.region);
  const Wanted wanted{input.id, input.name, {}, {}};
  TARN_CO_TRY(const auto product, visible_product(room, caller, wanted));
  DescribeProductOutput out;
  auto& paths = out.launch_paths.emplace();
  for (const auto& path : paths_of(room.catalog, caller, room.identities.users, product->id)) {
    LaunchPath& shown = paths.emplace_back();
    shown.id = path->id;
    shown.name = view.find<PortfolioRecord>(path->portfolio_id)->name;
  }
  out.product_view_summary = told_view(*product, paths.size() == 1);
  out.provisioning_artifacts = shown_versions(view, product->id);
  out.budgets.emplace();
  co_return out;
}

Task<Result<DescribeProductViewOutput>> handle(DescribeProductView /*tag*/, ServiceCatalog& room,
                                               const Caller& caller,
                                               DescribeProductViewInput input) {
  const View view(room.catalog, caller.region);
  for (const auto& [id, count] : ways_by_product(room, caller)) {
    const auto product = view.find<ProductRecord>(id);
    if (product->view_id != input.id) continue;
    DescribeProductViewOutput out;
    out.product_view_summary = told_view(*product, count == 1);
    out.provisioning_artifacts = shown_versions(view, id);
    co_return out;
  }
  co_return missing(fmt::format("Product view {} not found.", input.id));
}

Task<Result<ListLaunchPathsOutput>> handle(ListLaunchPaths /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, ListLaunchPathsInput input) {
  const View view(room.catalog, caller.region);
  const Wanted wanted{input.product_id, {}, {}, {}};
  TARN_CO_TRY(const auto product, visible_product(room, caller, wanted));
  std::vector<LaunchPathSummary> all;
  for (const auto& path : paths_of(room.catalog, caller, room.identities.users, product->id)) {
    const auto portfolio = view.find<PortfolioRecord>(path->portfolio_id);
    LaunchPathSummary& shown = all.emplace_back();
    shown.id = path->id;
    shown.name = portfolio->name;
    shown.constraint_summaries = summaries_of(constraints_of(view, portfolio->id, product->id));
    shown.tags = told_tags(inherited_tags(*portfolio, *product));
  }
  ListLaunchPathsOutput out;
  TARN_CO_TRY(out.launch_path_summaries,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

Task<Result<DescribeProvisioningParametersOutput>> handle(
    DescribeProvisioningParameters /*tag*/, ServiceCatalog& room, const Caller& caller,
    DescribeProvisioningParametersInput input) {
  const View view(room.catalog, caller.region);
  const Wanted wanted{input.product_id, input.product_name, input.path_id, input.path_name};
  TARN_CO_TRY(const LaunchTerms terms, terms_of(room, caller, wanted));
  TARN_CO_TRY(const auto version,
              find_version(view, terms.product->id, input.provisioning_artifact_id,
                           input.provisioning_artifact_name));
  const auto read = cloudformation::parse_template(version->text);
  if (!read.ok()) co_return invalid(read.error().message);
  DescribeProvisioningParametersOutput out;
  tell_template(*read, out);
  out.constraint_summaries = summaries_of(terms.constraints);
  auto& options = out.tag_options.emplace();
  for (const auto& [key, values] : offered_tags(view, terms)) {
    TagOptionSummary& shown = options.emplace_back();
    shown.key = key;
    shown.values = values;
  }
  co_return out;
}

}  // namespace tarn::servicecatalog
