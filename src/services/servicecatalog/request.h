// What the handlers of Service Catalog share.
//
// Place: services/servicecatalog. Threads: as service.h says.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/servicecatalog/api.h"
#include "services/servicecatalog/catalog.h"
#include "services/servicecatalog/service.h"
#include "wire/json_codec.h"

namespace tarn::servicecatalog {

// Quotas of an account and Region:
// https://docs.aws.amazon.com/general/latest/gr/servicecatalog.html
inline constexpr std::size_t kMostPortfolios = 100;
inline constexpr std::size_t kMostProducts = 350;
inline constexpr std::size_t kMostVersions = 100;    // of a product
inline constexpr std::size_t kMostPrincipals = 100;  // of a portfolio
inline constexpr std::size_t kMostProductsOfPortfolio = 150;
inline constexpr std::size_t kMostConstraints = 100;  // of a product in a portfolio
inline constexpr std::size_t kMostTagOptionsOfResource = 25;
inline constexpr std::size_t kMostTags = 20;  // of a portfolio or product, besides those of aws:

[[nodiscard]] Error invalid(std::string text);           // InvalidParametersException
[[nodiscard]] Error missing(std::string text);           // ResourceNotFoundException
[[nodiscard]] Error in_use(std::string text);            // ResourceInUseException
[[nodiscard]] Error duplicate(std::string text);         // DuplicateResourceException
[[nodiscard]] Error not_offered(std::string_view what);  // NotImplemented
[[nodiscard]] Error too_many(std::string_view what, std::size_t most);  // LimitExceededException

// "port-" and 13 letters and digits.
[[nodiscard]] std::string new_id(ServiceCatalog& room, std::string_view prefix);
// arn:aws:catalog:REGION:ACCOUNT:portfolio/ID
[[nodiscard]] std::string catalog_arn(const Caller& caller, std::string_view type,
                                      std::string_view id);

[[nodiscard]] inline std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// Errors: those of `change`, kIo, kDiskFull.
[[nodiscard]] Task<Status> change(ServiceCatalog& room, const Caller& caller,
                                  const Catalog::Change& change);

// Errors: InvalidParametersException (one key twice, "aws:"), LimitExceededException.
[[nodiscard]] Result<TagMap> tag_map(const Caller& caller,
                                     const std::optional<std::vector<Tag>>& given,
                                     std::size_t most = kMostTags);
// Errors: as above.
[[nodiscard]] Status change_tags(const Caller& caller, TagMap& tags,
                                 const std::optional<std::vector<Tag>>& added,
                                 const std::optional<std::vector<std::string>>& removed);
[[nodiscard]] std::vector<Tag> told_tags(const TagMap& tags);

// Errors: ResourceNotFoundException.
template <class From>
Result<Entry<PortfolioRecord>> portfolio_of(const From& draft, const std::string& id) {
  auto found = draft.template find<PortfolioRecord>(id);
  if (found == nullptr) return missing(fmt::format("Portfolio {} not found.", id));
  return found;
}
template <class From>
Result<Entry<ProductRecord>> product_of(const From& draft, const std::string& id) {
  auto found = draft.template find<ProductRecord>(id);
  if (found == nullptr) return missing(fmt::format("Product {} not found.", id));
  return found;
}

// A Region to be read, with the functions of a draft.
class View {
 public:
  View(const Catalog& catalog, const std::string& region) : catalog_(catalog), region_(region) {}
  template <class Record>
  [[nodiscard]] Entry<Record> find(std::string_view id) const {
    return catalog_.find<Record>(region_, id);
  }
  template <class Record, class Test>
  [[nodiscard]] Entries<Record> all(const Test& test) const {
    return catalog_.all<Record>(region_, test);
  }

 private:
  const Catalog& catalog_;
  const std::string& region_;
};

// The request without its token, and the token.
template <class Input>
Origin origin_of(Input input, std::string Input::* token) {
  Origin out;
  out.token = std::exchange(input.*token, std::string());
  out.request = wire::to_json(Input::schema(), &input);
  return out;
}
template <class Input>
Origin origin_of(Input input) {
  return origin_of(std::move(input), &Input::idempotency_token);
}

// What the same request has made before; nullptr where it has not. Error:
// InvalidParametersException, where another request had the token.
template <class Record>
Result<Entry<Record>> made_before(const Draft& draft, const Origin& origin) {
  const auto found =
      draft.all<Record>([&](const Record& record) { return record.origin.token == origin.token; });
  if (found.empty()) return Entry<Record>();
  if (found.front()->origin.request == origin.request) return found.front();
  return invalid(fmt::format(
      "The idempotency token {} was used by a request with other parameters.", origin.token));
}

// The place at which a page begins. Error: InvalidParametersException.
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& token);

// The page of `all` that begins at the token; sets the next one. Error: as above.
template <class Shape>
Result<std::vector<Shape>> page_of(std::vector<Shape> all, const std::optional<std::string>& token,
                                   const std::optional<std::int32_t>& most,
                                   std::optional<std::string>& next) {
  constexpr std::int32_t kUsualPage = 20;
  TARN_TRY(const std::size_t place, place_of(token));
  const std::int32_t asked = most.value_or(kUsualPage);
  const auto size = static_cast<std::size_t>(asked > 0 ? asked : kUsualPage);
  std::vector<Shape> out;
  for (std::size_t i = place; i < all.size() && out.size() < size; ++i)
    out.push_back(std::move(all[i]));
  if (place + out.size() < all.size()) next = std::to_string(place + out.size());
  return out;
}

}  // namespace tarn::servicecatalog
