// CreateProduct, UpdateProduct, DeleteProduct, DescribeProductAsAdmin, SearchProductsAsAdmin.
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/product_search.h"
#include "services/servicecatalog/tell.h"
#include "services/servicecatalog/versions.h"

namespace tarn::servicecatalog {
namespace {

ProductRecord product_from(const CreateProductInput& input) {
  ProductRecord out;
  out.name = input.name;
  out.owner = input.owner;
  out.description = input.description.value_or("");
  out.distributor = input.distributor.value_or("");
  out.support_description = input.support_description.value_or("");
  out.support_email = input.support_email.value_or("");
  out.support_url = input.support_url.value_or("");
  return out;
}

Status check_product(const CreateProductInput& input) {
  if (input.product_type != "CLOUD_FORMATION_TEMPLATE")
    return not_offered(fmt::format("A product of type {}", input.product_type));
  if (input.source_connection) return not_offered("SourceConnection");
  if (!input.provisioning_artifact_parameters)
    return invalid("ProvisioningArtifactParameters must say where the template is.");
  return {};
}

// What the same request has made before takes the place of what is to be made.
Result<bool> was_made(const Draft& draft, ProductRecord& product, VersionRecord& version) {
  TARN_TRY(const auto before, made_before<ProductRecord>(draft, product.origin));
  if (before == nullptr) return false;
  product = *before;
  const auto versions = draft.all<VersionRecord>(
      [&](const VersionRecord& each) { return each.product_id == product.id && each.place == 0; });
  if (!versions.empty()) version = *versions.front();
  return true;
}

void set(std::string& text, const std::optional<std::string>& to) {
  if (to) text = *to;
}

}  // namespace

Task<Result<CreateProductOutput>> handle(CreateProduct /*tag*/, ServiceCatalog& room,
                                         const Caller& caller, CreateProductInput input) {
  TARN_CO_CHECK(check_product(input));
  ProductRecord made = product_from(input);
  TARN_CO_TRY(made.tags, tag_map(caller, input.tags));
  ProvisioningArtifactProperties properties = *input.provisioning_artifact_parameters;
  TARN_CO_TRY(VersionRecord version, co_await read_version(room, caller, std::move(properties)));
  made.id = new_id(room, "prod-");
  made.view_id = new_id(room, "prodview-");
  made.created_ms = version.created_ms;
  made.origin = origin_of(std::move(input));
  version.product_id = made.id;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const bool is_there, was_made(draft, made, version));
    if (is_there) return {};
    if (draft.all<ProductRecord>([](const auto&) { return true; }).size() >= kMostProducts)
      return too_many("products", kMostProducts);
    draft.put(made);
    draft.put(version);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  CreateProductOutput out;
  out.product_view_detail = told(caller, made);
  out.provisioning_artifact_detail = told(version);
  out.tags = told_tags(made.tags);
  co_return out;
}

Task<Result<UpdateProductOutput>> handle(UpdateProduct /*tag*/, ServiceCatalog& room,
                                         const Caller& caller, UpdateProductInput input) {
  if (input.source_connection) co_return not_offered("SourceConnection");
  ProductRecord changed;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before, product_of(draft, input.id));
    changed = *before;
    set(changed.name, input.name);
    set(changed.owner, input.owner);
    set(changed.description, input.description);
    set(changed.distributor, input.distributor);
    set(changed.support_description, input.support_description);
    set(changed.support_email, input.support_email);
    set(changed.support_url, input.support_url);
    TARN_CHECK(change_tags(caller, changed.tags, input.add_tags, input.remove_tags));
    draft.put(changed);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  UpdateProductOutput out;
  out.product_view_detail = told(caller, changed);
  out.tags = told_tags(changed.tags);
  co_return out;
}

Task<Result<DeleteProductOutput>> handle(DeleteProduct /*tag*/, ServiceCatalog& room,
                                         const Caller& caller, DeleteProductInput input) {
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const auto product, product_of(draft, input.id));
    const bool is_held =
        draft.any<PathRecord>([&](const PathRecord& path) { return path.product_id == input.id; });
    const bool is_provisioned = draft.any<ProvisionedRecord>(
        [&](const ProvisionedRecord& each) { return each.plan.product_id == input.id; });
    const bool has_options = draft.any<TagOptionUseRecord>(
        [&](const TagOptionUseRecord& use) { return use.resource_id == input.id; });
    if (is_held || is_provisioned || has_options) {
      return in_use(fmt::format(
          "Product {} cannot be deleted while {}.", input.id,
          is_held          ? "a portfolio has it: disassociate it first"
          : is_provisioned ? "something is provisioned of it: terminate that first"
                           : "tag options are associated with it: disassociate them first"));
    }
    for (const auto& version : draft.all<VersionRecord>(
             [&](const VersionRecord& each) { return each.product_id == input.id; }))
      draft.remove(*version);
    draft.remove(*product);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DeleteProductOutput();
}

Task<Result<DescribeProductAsAdminOutput>> handle(DescribeProductAsAdmin /*tag*/,
                                                  ServiceCatalog& room, const Caller& caller,
                                                  DescribeProductAsAdminInput input) {
  const View view(room.catalog, caller.region);
  TARN_CO_TRY(const auto product, find_product(view, input.id, input.name));
  DescribeProductAsAdminOutput out;
  out.product_view_detail = told(caller, *product);
  auto& summaries = out.provisioning_artifact_summaries.emplace();
  for (const auto& version : versions_of(view, product->id)) {
    ProvisioningArtifactSummary& each = summaries.emplace_back();
    each.id = version->id;
    each.name = version->name;
    each.description = if_any(version->description);
    each.created_time = Timestamp{version->created_ms};
    each.provisioning_artifact_metadata = {{"SourceProvisioningArtifactId", version->id}};
  }
  out.tags = told_tags(product->tags);
  out.tag_options = tag_options_of(caller, view, product->id);
  out.budgets.emplace();
  co_return out;
}

Task<Result<SearchProductsAsAdminOutput>> handle(SearchProductsAsAdmin /*tag*/,
                                                 ServiceCatalog& room, const Caller& caller,
                                                 SearchProductsAsAdminInput input) {
  const View view(room.catalog, caller.region);
  Entries<ProductRecord> found;
  if (input.portfolio_id) {
    TARN_CO_TRY(const auto portfolio, portfolio_of(view, *input.portfolio_id));
    for (const auto& path : view.all<PathRecord>(
             [&](const PathRecord& each) { return each.portfolio_id == portfolio->id; }))
      found.push_back(view.find<ProductRecord>(path->product_id));
  } else {
    found = view.all<ProductRecord>([](const auto&) { return true; });
  }
  const ProductQuery query{input.filters, input.sort_by, input.sort_order};
  std::vector<ProductViewDetail> all;
  for (const auto& product : search(view, std::move(found), query))
    all.push_back(told(caller, *product));
  SearchProductsAsAdminOutput out;
  TARN_CO_TRY(out.product_view_details,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

}  // namespace tarn::servicecatalog
