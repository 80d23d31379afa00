// AddTagsToResource, RemoveTagsFromResource, ListTagsForResource: of parameters.
#include <utility>

#include <fmt/format.h>

#include "services/ssm/actions.h"

namespace tarn::ssm {
namespace {

Status check_kind(const std::string& kind) {
  if (kind == "Parameter") return {};
  return not_offered(fmt::format("ResourceType {}", kind));
}

Error no_resource(const std::string& id) {
  return {"InvalidResourceId", fmt::format("Parameter {} not found.", id)};
}

}  // namespace

Task<Result<AddTagsToResourceResult>> handle(AddTagsToResource /*tag*/, Ssm& ssm,
                                             const Caller& caller, AddTagsToResourceRequest input) {
  TARN_CO_CHECK(check_kind(input.resource_type));
  const Parameters::Change put = [&](std::optional<ParameterRecord>& record,
                                     std::size_t /*count*/) -> Status {
    if (!record) return no_resource(input.resource_id);
    for (const Tag& tag : input.tags) {
      TARN_CHECK(check_tag_key(caller, tag.key));
      record->tags[tag.key] = tag.value;
    }
    return check_tag_count(record->tags);
  };
  TARN_CO_CHECK(co_await change(ssm, caller, input.resource_id, put));
  co_return AddTagsToResourceResult();
}

Task<Result<RemoveTagsFromResourceResult>> handle(RemoveTagsFromResource /*tag*/, Ssm& ssm,
                                                  const Caller& caller,
                                                  RemoveTagsFromResourceRequest input) {
  TARN_CO_CHECK(check_kind(input.resource_type));
  const Parameters::Change put = [&](std::optional<ParameterRecord>& record,
                                     std::size_t /*count*/) -> Status {
    if (!record) return no_resource(input.resource_id);
    for (const std::string& key : input.tag_keys) {
      TARN_CHECK(check_tag_key(caller, key));
      record->tags.erase(key);
    }
    return {};
  };
  TARN_CO_CHECK(co_await change(ssm, caller, input.resource_id, put));
  co_return RemoveTagsFromResourceResult();
}

Task<Result<ListTagsForResourceResult>> handle(ListTagsForResource /*tag*/, Ssm& ssm,
                                               const Caller& caller,
                                               ListTagsForResourceRequest input) {
  TARN_CO_CHECK(check_kind(input.resource_type));
  const auto record = ssm.parameters.find(caller.region, input.resource_id);
  if (record == nullptr) co_return no_resource(input.resource_id);
  ListTagsForResourceResult out;
  auto& tags = out.tag_list.emplace();
  for (const auto& [key, value] : record->tags) tags.push_back({key, value});
  co_return out;
}

}  // namespace tarn::ssm
