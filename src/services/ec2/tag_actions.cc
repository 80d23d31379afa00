// CreateTags, DeleteTags, DescribeTags.
#include <algorithm>
#include <array>
#include <utility>

#include "gateway/system_tags.h"
#include "services/ec2/actions.h"

namespace tarn::ec2 {
namespace {

constexpr std::array<FilterPath, 4> kTagFilters = {{
    {"key", "Key"},
    {"value", "Value"},
    {"resource-id", "ResourceId"},
    {"resource-type", "ResourceType"},
}};

using Tags = std::vector<Tag>;
using ChangeTags = std::function<Status(Tags&)>;

// Changes the tags of a resource if it is one of this kind; false where it is of another.
template <class Shape>
Result<bool> change_of_kind(Draft& draft, const std::string& id, const ChangeTags& change) {
  if (!id.starts_with(std::string(Kind<Shape>::kPrefix) + "-")) return false;
  TARN_TRY(Shape shape, draft.get<Shape>(id));
  Tags tags = shape.tags.value_or(Tags());
  TARN_CHECK(change(tags));
  shape.tags = std::move(tags);
  draft.put(std::move(shape));
  return true;
}

template <class... Shapes>
Status change_of_any(Draft& draft, const std::string& id, const ChangeTags& change) {
  Status status;
  const auto try_kind = [&](Result<bool> done) {
    if (!done.ok()) status = std::move(done).error();
    return !status.ok() || *done;
  };
  if ((try_kind(change_of_kind<Shapes>(draft, id, change)) || ...)) return status;
  return Error("InvalidID", fmt::format("The ID '{}' is not valid", id));
}

Status change_tags(Draft& draft, const std::string& id, const ChangeTags& change) {
  return change_of_any<Vpc, Subnet, RouteTable, InternetGateway, NatGateway, Address, SecurityGroup,
                       SecurityGroupRule, VpcEndpoint, KeyPairInfo>(draft, id, change);
}

template <class Shape>
void describe_kind(const Network& network, const std::string& region,
                   std::vector<TagDescription>& into) {
  for (const Entry<Shape>& entry : network.all<Shape>(region)) {
    for (const Tag& tag : entry->tags.value_or(Tags())) {
      TagDescription& each = into.emplace_back();
      each.key = tag.key;
      each.value = tag.value;
      each.resource_id = id_of(*entry);
      each.resource_type = Kind<Shape>::kType;
    }
  }
}

template <class... Shapes>
std::vector<TagDescription> describe_all(const Network& network, const std::string& region) {
  std::vector<TagDescription> out;
  (describe_kind<Shapes>(network, region, out), ...);
  return out;
}

}  // namespace

Task<Result<wire::Unit>> handle(CreateTags /*tag*/, Ec2& ec2, const Caller& caller,
                                CreateTagsRequest input) {
  TARN_CO_CHECK(check_tags(caller, input.tags));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  const ChangeTags add = [&](Tags& tags) {
    for (const Tag& tag : input.tags) {
      std::erase_if(tags, [&](const Tag& other) { return other.key == tag.key; });
      tags.push_back(tag);
    }
    return check_tag_count(tags);
  };
  const Network::Change change_all = [&](Draft& draft) -> Status {
    for (const std::string& id : input.resources) TARN_CHECK(change_tags(draft, id, add));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, change_all));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteTags /*tag*/, Ec2& ec2, const Caller& caller,
                                DeleteTagsRequest input) {
  for (const Tag& tag : input.tags.value_or(Tags()))
    TARN_CO_CHECK(check_tag_key(caller, tag.key.value_or("")));
  TARN_CO_CHECK(check_dry_run(input.dry_run));
  // Without tags, all that are the caller's; of one with a value, only where it has that value.
  const ChangeTags remove = [&](Tags& tags) -> Status {
    std::erase_if(tags, [&](const Tag& there) {
      if (!input.tags || input.tags->empty())
        return gateway::may_change_tag(caller, there.key.value_or(""));
      return std::any_of(input.tags->begin(), input.tags->end(), [&](const Tag& tag) {
        return tag.key == there.key && (!tag.value || tag.value == there.value);
      });
    });
    return {};
  };
  const Network::Change change_all = [&](Draft& draft) -> Status {
    for (const std::string& id : input.resources) TARN_CHECK(change_tags(draft, id, remove));
    return {};
  };
  TARN_CO_CHECK(co_await change(ec2, caller, change_all));
  co_return wire::Unit();
}

Task<Result<DescribeTagsResult>> handle(DescribeTags /*tag*/, Ec2& ec2, const Caller& caller,
                                        DescribeTagsRequest input) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  TARN_CO_CHECK(check_filters(input.filters, kTagFilters));
  auto all =
      describe_all<Vpc, Subnet, RouteTable, InternetGateway, NatGateway, Address, SecurityGroup,
                   SecurityGroupRule, VpcEndpoint, KeyPairInfo>(ec2.network, caller.region);
  std::erase_if(all, [&](const TagDescription& tag) {
    const auto wanted = input.filters.value_or(std::vector<Filter>());
    return !std::all_of(wanted.begin(), wanted.end(), [&](const Filter& filter) {
      return value_passes(filter, TagDescription::schema(), &tag, kTagFilters);
    });
  });
  DescribeTagsResult out;
  TARN_CO_TRY(out.tags,
              page_of(std::move(all), input.next_token, input.max_results, out.next_token));
  co_return out;
}

}  // namespace tarn::ec2
