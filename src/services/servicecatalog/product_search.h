// What SearchProducts and SearchProductsAsAdmin have alike: filters and order.
//
// Place: services/servicecatalog. Source:
// https://docs.aws.amazon.com/servicecatalog/latest/dg/API_SearchProducts.html Threads: pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/servicecatalog/request.h"

namespace tarn::servicecatalog {

struct ProductQuery {
  std::optional<std::map<std::string, std::vector<std::string>>> filters;
  std::optional<std::string> sort_by;     // Title, VersionCount, CreationDate
  std::optional<std::string> sort_order;  // ASCENDING, DESCENDING
};

// Those that every filter lets through (one of its values), in order; by name where none is asked.
[[nodiscard]] Entries<ProductRecord> search(const View& view, Entries<ProductRecord> products,
                                            const ProductQuery& query);

// Whether `text` has `part`, whatever the case of ASCII letters.
[[nodiscard]] bool has_text(std::string_view text, std::string_view part);

}  // namespace tarn::servicecatalog
