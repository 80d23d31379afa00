// CreateConstraint, UpdateConstraint, DeleteConstraint, DescribeConstraint,
// ListConstraintsForPortfolio.
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/constraints.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::string_view kService = "servicecatalog.amazonaws.com";

Result<Entry<ConstraintRecord>> constraint_in(const Catalog& catalog, const Caller& caller,
                                              const std::string& id) {
  auto found = catalog.find<ConstraintRecord>(caller.region, id);
  if (found == nullptr) return missing(fmt::format("Constraint {} not found.", id));
  return found;
}

// Who says under which role others launch must be allowed to give it away.
Status check_parameters(const ServiceCatalog& room, const Caller& caller,
                        const ConstraintRecord& constraint) {
  TARN_CHECK(check_constraint(constraint.type, constraint.parameters));
  if (constraint.type != "LAUNCH") return {};
  const std::string role = launch_role_of(caller, constraint.parameters);
  return as_told(room.identities.authorizer.check_pass_role(caller, role, kService));
}

Status check_place(const Draft& draft, const ConstraintRecord& made) {
  TARN_CHECK(portfolio_of(draft, made.portfolio_id));
  TARN_CHECK(product_of(draft, made.product_id));
  const bool is_held = draft.any<PathRecord>([&](const PathRecord& path) {
    return path.portfolio_id == made.portfolio_id && path.product_id == made.product_id;
  });
  if (!is_held) {
    return missing(fmt::format("Product {} is not associated with portfolio {}.", made.product_id,
                               made.portfolio_id));
  }
  const auto others = draft.all<ConstraintRecord>([&](const ConstraintRecord& each) {
    return each.portfolio_id == made.portfolio_id && each.product_id == made.product_id;
  });
  if (others.size() >= kMostConstraints)
    return too_many("constraints of a product in a portfolio", kMostConstraints);
  for (const auto& each : others) {
    if (made.type == "LAUNCH" && each->type == "LAUNCH")
      return duplicate(fmt::format("The product has the launch constraint {} already.", each->id));
  }
  return {};
}

template <class Output>
Output told_constraint(const Caller& caller, const ConstraintRecord& constraint) {
  Output out;
  out.constraint_detail = told(caller, constraint);
  out.constraint_parameters = constraint.parameters;
  out.status = "AVAILABLE";
  return out;
}

}  // namespace

Task<Result<CreateConstraintOutput>> handle(CreateConstraint /*tag*/, ServiceCatalog& room,
                                            const Caller& caller, CreateConstraintInput input) {
  ConstraintRecord made;
  made.id = new_id(room, "cons-");
  made.type = input.type;
  made.portfolio_id = input.portfolio_id;
  made.product_id = input.product_id;
  made.description = input.description.value_or("");
  made.parameters = input.parameters;
  TARN_CO_CHECK(check_parameters(room, caller, made));
  made.origin = origin_of(std::move(input));
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before, made_before<ConstraintRecord>(draft, made.origin));
    if (before != nullptr) {
      made = *before;
      return {};
    }
    TARN_CHECK(check_place(draft, made));
    draft.put(made);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  co_return told_constraint<CreateConstraintOutput>(caller, made);
}

Task<Result<UpdateConstraintOutput>> handle(UpdateConstraint /*tag*/, ServiceCatalog& room,
                                            const Caller& caller, UpdateConstraintInput input) {
  TARN_CO_TRY(const auto before, constraint_in(room.catalog, caller, input.id));
  ConstraintRecord changed = *before;
  changed.description = input.description.value_or(changed.description);
  changed.parameters = input.parameters.value_or(changed.parameters);
  TARN_CO_CHECK(check_parameters(room, caller, changed));
  const Catalog::Change put = [&](Draft& draft) -> Status {
    if (draft.find<ConstraintRecord>(changed.id) == nullptr)
      return missing(fmt::format("Constraint {} not found.", changed.id));
    draft.put(changed);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  co_return told_constraint<UpdateConstraintOutput>(caller, changed);
}

Task<Result<DeleteConstraintOutput>> handle(DeleteConstraint /*tag*/, ServiceCatalog& room,
                                            const Caller& caller, DeleteConstraintInput input) {
  TARN_CO_TRY(const auto found, constraint_in(room.catalog, caller, input.id));
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    draft.remove(*found);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DeleteConstraintOutput();
}

Task<Result<DescribeConstraintOutput>> handle(DescribeConstraint /*tag*/, ServiceCatalog& room,
                                              const Caller& caller, DescribeConstraintInput input) {
  TARN_CO_TRY(const auto found, constraint_in(room.catalog, caller, input.id));
  co_return told_constraint<DescribeConstraintOutput>(caller, *found);
}

Task<Result<ListConstraintsForPortfolioOutput>> handle(ListConstraintsForPortfolio /*tag*/,
                                                       ServiceCatalog& room, const Caller& caller,
                                                       ListConstraintsForPortfolioInput input) {
  const View view(room.catalog, caller.region);
  TARN_CO_TRY(const auto portfolio, portfolio_of(view, input.portfolio_id));
  std::vector<ConstraintDetail> all;
  for (const auto& each : view.all<ConstraintRecord>([&](const ConstraintRecord& one) {
         return one.portfolio_id == portfolio->id &&
                input.product_id.value_or(one.product_id) == one.product_id;
       }))
    all.push_back(told(caller, *each));
  ListConstraintsForPortfolioOutput out;
  TARN_CO_TRY(out.constraint_details,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

}  // namespace tarn::servicecatalog
