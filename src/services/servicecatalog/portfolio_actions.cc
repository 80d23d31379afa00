// CreatePortfolio, UpdatePortfolio, DeletePortfolio, DescribePortfolio, ListPortfolios,
// ListPortfoliosForProduct.
#include <algorithm>
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

std::vector<PortfolioDetail> told_portfolios(const Caller& caller,
                                             Entries<PortfolioRecord> portfolios) {
  std::sort(portfolios.begin(), portfolios.end(), [](const auto& one, const auto& other) {
    return std::pair(one->created_ms, one->id) < std::pair(other->created_ms, other->id);
  });
  std::vector<PortfolioDetail> out;
  for (const auto& each : portfolios) out.push_back(told(caller, *each));
  return out;
}

}  // namespace

Task<Result<CreatePortfolioOutput>> handle(CreatePortfolio /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, CreatePortfolioInput input) {
  PortfolioRecord made;
  TARN_CO_TRY(made.tags, tag_map(caller, input.tags));
  made.id = new_id(room, "port-");
  made.name = input.display_name;
  made.description = input.description.value_or("");
  made.provider = input.provider_name;
  made.created_ms = room.platform.clock.now().ms;
  made.origin = origin_of(std::move(input));
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before, made_before<PortfolioRecord>(draft, made.origin));
    if (before != nullptr) {
      made = *before;
      return {};
    }
    if (draft.all<PortfolioRecord>([](const auto&) { return true; }).size() >= kMostPortfolios)
      return too_many("portfolios", kMostPortfolios);
    draft.put(made);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  CreatePortfolioOutput out;
  out.portfolio_detail = told(caller, made);
  out.tags = told_tags(made.tags);
  co_return out;
}

Task<Result<UpdatePortfolioOutput>> handle(UpdatePortfolio /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, UpdatePortfolioInput input) {
  PortfolioRecord changed;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before, portfolio_of(draft, input.id));
    changed = *before;
    if (input.display_name) changed.name = *input.display_name;
    if (input.description) changed.description = *input.description;
    if (input.provider_name) changed.provider = *input.provider_name;
    TARN_CHECK(change_tags(caller, changed.tags, input.add_tags, input.remove_tags));
    draft.put(changed);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  UpdatePortfolioOutput out;
  out.portfolio_detail = told(caller, changed);
  out.tags = told_tags(changed.tags);
  co_return out;
}

Task<Result<DeletePortfolioOutput>> handle(DeletePortfolio /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, DeletePortfolioInput input) {
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const auto portfolio, portfolio_of(draft, input.id));
    const auto is_its = [&](const auto& each) {
      return each.portfolio_id == input.id;
    };
    const auto is_used = [&](const TagOptionUseRecord& use) {
      return use.resource_id == input.id;
    };
    if (draft.any<PathRecord>(is_its) || draft.any<PrincipalRecord>(is_its) ||
        draft.any<ConstraintRecord>(is_its) || draft.any<TagOptionUseRecord>(is_used)) {
      return in_use(
          fmt::format("Portfolio {} cannot be deleted while products, principals, constraints or "
                      "tag options are associated with it.",
                      input.id));
    }
    draft.remove(*portfolio);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DeletePortfolioOutput();
}

Task<Result<DescribePortfolioOutput>> handle(DescribePortfolio /*tag*/, ServiceCatalog& room,
                                             const Caller& caller, DescribePortfolioInput input) {
  const View view(room.catalog, caller.region);
  TARN_CO_TRY(const auto portfolio, portfolio_of(view, input.id));
  DescribePortfolioOutput out;
  out.portfolio_detail = told(caller, *portfolio);
  out.tags = told_tags(portfolio->tags);
  out.tag_options = tag_options_of(caller, view, portfolio->id);
  out.budgets.emplace();
  co_return out;
}

Task<Result<ListPortfoliosOutput>> handle(ListPortfolios /*tag*/, ServiceCatalog& room,
                                          const Caller& caller, ListPortfoliosInput input) {
  auto all = told_portfolios(
      caller, room.catalog.all<PortfolioRecord>(caller.region, [](const auto&) { return true; }));
  ListPortfoliosOutput out;
  TARN_CO_TRY(out.portfolio_details,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

Task<Result<ListPortfoliosForProductOutput>> handle(ListPortfoliosForProduct /*tag*/,
                                                    ServiceCatalog& room, const Caller& caller,
                                                    ListPortfoliosForProductInput input) {
  const View view(room.catalog, caller.region);
  TARN_CO_TRY(const auto product, product_of(view, input.product_id));
  Entries<PortfolioRecord> holders;
  for (const auto& path :
       view.all<PathRecord>([&](const PathRecord& each) { return each.product_id == product->id; }))
    holders.push_back(view.find<PortfolioRecord>(path->portfolio_id));
  auto all = told_portfolios(caller, std::move(holders));
  ListPortfoliosForProductOutput out;
  TARN_CO_TRY(out.portfolio_details,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

}  // namespace tarn::servicecatalog
