// AssociateProductWithPortfolio, DisassociateProductFromPortfolio, AssociatePrincipalWithPortfolio,
// DisassociatePrincipalFromPortfolio, ListPrincipalsForPortfolio.
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

// "arn:aws:iam::123456789012:role/name"; of a pattern without an account, and only of users, groups
// and roles:
// https://docs.aws.amazon.com/servicecatalog/latest/dg/API_AssociatePrincipalWithPortfolio.html
Status check_principal(const AssociatePrincipalWithPortfolioInput& input) {
  const std::string& arn = input.principal_arn;
  if (input.principal_type == "IAM_PATTERN") {
    for (const std::string_view type : {"role/", "user/", "group/"}) {
      if (arn.starts_with(fmt::format("arn:aws:iam:::{}", type))) return {};
    }
    return invalid(fmt::format(
        "{} is no principal pattern: it has the form arn:aws:iam:::role/NAME, with * and ? in the "
        "name or path and without an account.",
        arn));
  }
  if (arn.starts_with("arn:aws:iam::") && !arn.starts_with("arn:aws:iam:::") &&
      arn.find('*') == std::string::npos)
    return {};
  return invalid(fmt::format(
      "{} is no IAM principal: it is the ARN of a user, group or role. Patterns have the "
      "PrincipalType IAM_PATTERN.",
      arn));
}

Entry<PathRecord> path_between(const Draft& draft, const std::string& portfolio_id,
                               const std::string& product_id) {
  const auto paths = draft.all<PathRecord>([&](const PathRecord& path) {
    return path.portfolio_id == portfolio_id && path.product_id == product_id;
  });
  return paths.empty() ? nullptr : paths.front();
}

}  // namespace

Task<Result<AssociateProductWithPortfolioOutput>> handle(AssociateProductWithPortfolio /*tag*/,
                                                         ServiceCatalog& room, const Caller& caller,
                                                         AssociateProductWithPortfolioInput input) {
  if (input.source_portfolio_id) co_return not_offered("SourcePortfolioId");
  PathRecord made;
  made.id = new_id(room, "lpv2-");
  made.portfolio_id = input.portfolio_id;
  made.product_id = input.product_id;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_CHECK(portfolio_of(draft, made.portfolio_id));
    TARN_CHECK(product_of(draft, made.product_id));
    // Twice is once, as on AWS.
    if (path_between(draft, made.portfolio_id, made.product_id) != nullptr) return {};
    const auto others = draft.all<PathRecord>(
        [&](const PathRecord& path) { return path.portfolio_id == made.portfolio_id; });
    if (others.size() >= kMostProductsOfPortfolio)
      return too_many("products of a portfolio", kMostProductsOfPortfolio);
    draft.put(made);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  co_return AssociateProductWithPortfolioOutput();
}

Task<Result<DisassociateProductFromPortfolioOutput>> handle(
    DisassociateProductFromPortfolio /*tag*/, ServiceCatalog& room, const Caller& caller,
    DisassociateProductFromPortfolioInput input) {
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    TARN_CHECK(portfolio_of(draft, input.portfolio_id));
    TARN_CHECK(product_of(draft, input.product_id));
    const auto path = path_between(draft, input.portfolio_id, input.product_id);
    if (path == nullptr) {
      return missing(fmt::format("Product {} is not associated with portfolio {}.",
                                 input.product_id, input.portfolio_id));
    }
    const bool has_constraints = draft.any<ConstraintRecord>([&](const ConstraintRecord& each) {
      return each.portfolio_id == path->portfolio_id && each.product_id == path->product_id;
    });
    if (has_constraints) {
      return in_use(fmt::format(
          "Product {} cannot be disassociated from portfolio {} while constraints are on it.",
          input.product_id, input.portfolio_id));
    }
    draft.remove(*path);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DisassociateProductFromPortfolioOutput();
}

Task<Result<AssociatePrincipalWithPortfolioOutput>> handle(
    AssociatePrincipalWithPortfolio /*tag*/, ServiceCatalog& room, const Caller& caller,
    AssociatePrincipalWithPortfolioInput input) {
  TARN_CO_CHECK(check_principal(input));
  PrincipalRecord made;
  made.id = fmt::format("{}/{}", input.portfolio_id, input.principal_arn);
  made.portfolio_id = input.portfolio_id;
  made.arn = input.principal_arn;
  made.type = input.principal_type;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_CHECK(portfolio_of(draft, made.portfolio_id));
    if (draft.find<PrincipalRecord>(made.id) != nullptr) return {};
    const auto others = draft.all<PrincipalRecord>(
        [&](const PrincipalRecord& each) { return each.portfolio_id == made.portfolio_id; });
    if (others.size() >= kMostPrincipals)
      return too_many("principals of a portfolio", kMostPrincipals);
    draft.put(made);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  co_return AssociatePrincipalWithPortfolioOutput();
}

Task<Result<DisassociatePrincipalFromPortfolioOutput>> handle(
    DisassociatePrincipalFromPortfolio /*tag*/, ServiceCatalog& room, const Caller& caller,
    DisassociatePrincipalFromPortfolioInput input) {
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    TARN_CHECK(portfolio_of(draft, input.portfolio_id));
    const auto found =
        draft.find<PrincipalRecord>(fmt::format("{}/{}", input.portfolio_id, input.principal_arn));
    if (found == nullptr) {
      return missing(fmt::format("Principal {} is not associated with portfolio {}.",
                                 input.principal_arn, input.portfolio_id));
    }
    draft.remove(*found);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DisassociatePrincipalFromPortfolioOutput();
}

Task<Result<ListPrincipalsForPortfolioOutput>> handle(ListPrincipalsForPortfolio /*tag*/,
                                                      ServiceCatalog& room, const Caller& caller,
                                                      ListPrincipalsForPortfolioInput input) {
  const View view(room.catalog, caller.region);
  TARN_CO_TRY(const auto portfolio, portfolio_of(view, input.portfolio_id));
  std::vector<Principal> all;
  for (const auto& each : view.all<PrincipalRecord>(
           [&](const PrincipalRecord& one) { return one.portfolio_id == portfolio->id; })) {
    Principal& shown = all.emplace_back();
    shown.principal_arn = each->arn;
    shown.principal_type = each->type;
  }
  ListPrincipalsForPortfolioOutput out;
  TARN_CO_TRY(out.principals,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

}  // namespace tarn::servicecatalog
