// CreateTagOption, UpdateTagOption, DeleteTagOption, DescribeTagOption, ListTagOptions,
// AssociateTagOptionWithResource, DisassociateTagOptionFromResource, ListResourcesForTagOption.
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

template <class From>
Result<Entry<TagOptionRecord>> option_of(const From& from, const std::string& id) {
  auto found = from.template find<TagOptionRecord>(id);
  if (found == nullptr) return missing(fmt::format("TagOption {} not found.", id));
  return found;
}

Status check_unique(const Draft& draft, const TagOptionRecord& made) {
  const bool is_there = draft.any<TagOptionRecord>([&](const TagOptionRecord& each) {
    return each.id != made.id && each.key == made.key && each.value == made.value;
  });
  if (!is_there) return {};
  return duplicate(
      fmt::format("There is a TagOption with key {} and value {}.", made.key, made.value));
}

Status check_option_use(const Draft& draft, const TagOptionUseRecord& made) {
  TARN_CHECK(option_of(draft, made.tag_option_id));
  if (draft.find<PortfolioRecord>(made.resource_id) == nullptr &&
      draft.find<ProductRecord>(made.resource_id) == nullptr)
    return missing(fmt::format("Resource {} not found.", made.resource_id));
  if (draft.find<TagOptionUseRecord>(made.id) != nullptr) {
    return duplicate(fmt::format("TagOption {} is associated with {} already.", made.tag_option_id,
                                 made.resource_id));
  }
  const auto others = draft.all<TagOptionUseRecord>(
      [&](const TagOptionUseRecord& each) { return each.resource_id == made.resource_id; });
  if (others.size() >= kMostTagOptionsOfResource)
    return too_many("TagOptions of a resource", kMostTagOptionsOfResource);
  return {};
}

ResourceDetail told_resource(const Caller& caller, const View& view, const std::string& id) {
  ResourceDetail out;
  out.id = id;
  if (const auto portfolio = view.find<PortfolioRecord>(id)) {
    out.arn = catalog_arn(caller, "portfolio", id);
    out.name = portfolio->name;
    out.description = if_any(portfolio->description);
    out.created_time = Timestamp{portfolio->created_ms};
  } else if (const auto product = view.find<ProductRecord>(id)) {
    out.arn = catalog_arn(caller, "product", id);
    out.name = product->name;
    out.description = if_any(product->description);
    out.created_time = Timestamp{product->created_ms};
  }
  return out;
}

}  // namespace

Task<Result<CreateTagOptionOutput>> handle(CreateTagOption /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, CreateTagOptionInput input) {
  TagOptionRecord made;
  made.id = new_id(room, "tag-");
  made.key = input.key;
  made.value = input.value;
  if (made.key.starts_with("aws:"))
    co_return invalid("The key begins with aws:, which is reserved.");
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_CHECK(check_unique(draft, made));
    draft.put(made);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  CreateTagOptionOutput out;
  out.tag_option_detail = told(caller, made);
  co_return out;
}

Task<Result<UpdateTagOptionOutput>> handle(UpdateTagOption /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, UpdateTagOptionInput input) {
  TagOptionRecord changed;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_TRY(const auto before, option_of(draft, input.id));
    changed = *before;
    changed.value = input.value.value_or(changed.value);
    changed.is_active = input.active.value_or(changed.is_active);
    TARN_CHECK(check_unique(draft, changed));
    draft.put(changed);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  UpdateTagOptionOutput out;
  out.tag_option_detail = told(caller, changed);
  co_return out;
}

Task<Result<DeleteTagOptionOutput>> handle(DeleteTagOption /*tag*/, ServiceCatalog& room,
                                           const Caller& caller, DeleteTagOptionInput input) {
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    TARN_TRY(const auto option, option_of(draft, input.id));
    const bool is_used = draft.any<TagOptionUseRecord>(
        [&](const TagOptionUseRecord& each) { return each.tag_option_id == option->id; });
    if (is_used) {
      return in_use(fmt::format(
          "TagOption {} cannot be deleted while it is associated with a resource.", option->id));
    }
    draft.remove(*option);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DeleteTagOptionOutput();
}

Task<Result<DescribeTagOptionOutput>> handle(DescribeTagOption /*tag*/, ServiceCatalog& room,
                                             const Caller& caller, DescribeTagOptionInput input) {
  TARN_CO_TRY(const auto option, option_of(View(room.catalog, caller.region), input.id));
  DescribeTagOptionOutput out;
  out.tag_option_detail = told(caller, *option);
  co_return out;
}

Task<Result<ListTagOptionsOutput>> handle(ListTagOptions /*tag*/, ServiceCatalog& room,
                                          const Caller& caller, ListTagOptionsInput input) {
  const auto filters = input.filters.value_or(ListTagOptionsFilters());
  std::vector<TagOptionDetail> all;
  for (const auto& each :
       room.catalog.all<TagOptionRecord>(caller.region, [&](const TagOptionRecord& one) {
         return filters.key.value_or(one.key) == one.key &&
                filters.value.value_or(one.value) == one.value &&
                filters.active.value_or(one.is_active) == one.is_active;
       }))
    all.push_back(told(caller, *each));
  ListTagOptionsOutput out;
  TARN_CO_TRY(out.tag_option_details,
              page_of(std::move(all), input.page_token, input.page_size, out.page_token));
  co_return out;
}

Task<Result<AssociateTagOptionWithResourceOutput>> handle(
    AssociateTagOptionWithResource /*tag*/, ServiceCatalog& room, const Caller& caller,
    AssociateTagOptionWithResourceInput input) {
  TagOptionUseRecord made;
  made.id = fmt::format("{}/{}", input.tag_option_id, input.resource_id);
  made.tag_option_id = input.tag_option_id;
  made.resource_id = input.resource_id;
  const Catalog::Change put = [&](Draft& draft) -> Status {
    TARN_CHECK(check_option_use(draft, made));
    draft.put(made);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, put));
  co_return AssociateTagOptionWithResourceOutput();
}

Task<Result<DisassociateTagOptionFromResourceOutput>> handle(
    DisassociateTagOptionFromResource /*tag*/, ServiceCatalog& room, const Caller& caller,
    DisassociateTagOptionFromResourceInput input) {
  const Catalog::Change remove = [&](Draft& draft) -> Status {
    const auto use = draft.find<TagOptionUseRecord>(
        fmt::format("{}/{}", input.tag_option_id, input.resource_id));
    if (use == nullptr) {
      return missing(fmt::format("TagOption {} is not associated with {}.", input.tag_option_id,
                                 input.resource_id));
    }
    draft.remove(*use);
    return {};
  };
  TARN_CO_CHECK(co_await change(room, caller, remove));
  co_return DisassociateTagOptionFromResourceOutput();
}

Task<Result<ListResourcesForTagOptionOutput>> handle(ListResourcesForTagOption /*tag*/,
                                                     ServiceCatalog& room, const Caller& caller,
                                                     ListResourcesForTagOptionInput input) {
  const View view(room.catalog, caller.region);
  TARN_CO_TRY(const auto option, option_of(view, input.tag_option_id));
  std::vector<ResourceDetail> all;
  for (const auto& use : view.all<TagOptionUseRecord>(
           [&](const TagOptionUseRecord& each) { return each.tag_option_id == option->id; })) {
    const bool is_portfolio = use->resource_id.starts_with("port-");
    const std::string type = is_portfolio ? "Portfolio" : "Product";
    if (input.resource_type.value_or(type) == type)
      all.push_back(told_resource(caller, view, use->resource_id));
  }
  ListResourcesForTagOptionOutput out;
  TARN_CO_TRY(out.resource_details,
              page_of(std::move(all), input.page_token, input.page_size, out.page_token));
  co_return out;
}

}  // namespace tarn::servicecatalog
