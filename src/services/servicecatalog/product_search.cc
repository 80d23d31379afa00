#include "services/servicecatalog/product_search.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

bool passes(const ProductRecord& product, const std::string& by, const std::string& value) {
  if (by == "Owner") return product.owner == value;
  if (by == "ProductType") return value == "CLOUD_FORMATION_TEMPLATE";
  // Nothing is copied here: a product is its own source.
  if (by == "SourceProductId") return product.id == value;
  return has_text(product.name, value) || has_text(product.description, value) ||
         has_text(product.owner, value) || has_text(product.distributor, value) ||
         product.id == value;
}

bool passes_all(const ProductRecord& product, const ProductQuery& query) {
  if (!query.filters) return true;
  return std::all_of(query.filters->begin(), query.filters->end(), [&](const auto& filter) {
    const auto& [by, values] = filter;
    return std::any_of(values.begin(), values.end(),
                       [&](const std::string& value) { return passes(product, by, value); });
  });
}

}  // namespace

bool has_text(std::string_view text, std::string_view part) {
  const auto alike = [](char one, char other) {
    return std::tolower(static_cast<unsigned char>(one)) ==
           std::tolower(static_cast<unsigned char>(other));
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), alike) != text.end() ||
         part.empty();
}

Entries<ProductRecord> search(const View& view, Entries<ProductRecord> products,
                              const ProductQuery& query) {
  std::erase_if(products, [&](const auto& each) { return !passes_all(*each, query); });
  const std::string by = query.sort_by.value_or("Title");
  std::stable_sort(products.begin(), products.end(), [&](const auto& one, const auto& other) {
    if (by == "CreationDate") return one->created_ms < other->created_ms;
    if (by == "VersionCount")
      return versions_of(view, one->id).size() < versions_of(view, other->id).size();
    return one->name < other->name;
  });
  if (query.sort_order == "DESCENDING") std::reverse(products.begin(), products.end());
  return products;
}

}  // namespace tarn::servicecatalog
