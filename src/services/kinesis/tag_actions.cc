// Tags, by the stream's own actions and by those of any resource.
#include <algorithm>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/shapes.h"

namespace tarn::kinesis {

namespace {

constexpr std::int32_t kDefaultTagsListed = 10;

using Tags = std::map<std::string, std::string>;

const Tags& tags_of(const NamedResource& resource) {
  const StreamState& state = resource.stream->state();
  return resource.consumer ? state.find_consumer(*resource.consumer)->tags : state.tags;
}

// Applies `edit` to the tags of `resource` and keeps the outcome.
Task<Status> change_tags(KinesisService& kinesis, NamedResource resource,
                         std::function<Status(Tags& tags)> edit) {
  Catalog::Edit change = [&](StreamState& state) -> Status {
    for (ConsumerState& consumer : state.consumers) {
      if (consumer.name != resource.consumer) continue;
      TARN_CHECK(edit(consumer.tags));
      return check_tag_count(consumer.tags, "consumer " + consumer.name);
    }
    if (resource.consumer) return consumer_not_found(*resource.consumer);
    TARN_CHECK(edit(state.tags));
    return check_tag_count(state.tags, "stream " + state.name);
  };
  const std::string id = resource.stream->state().id;
  Status changed = co_await kinesis.catalog().change(id, std::move(change));
  co_return changed;
}

// The caller must outlive it.
std::function<Status(Tags&)> adding(const Caller& caller, Tags more) {
  return [&caller, more = std::move(more)](Tags& tags) -> Status {
    for (const auto& [key, value] : more) {
      TARN_CHECK(check_tag_key(caller, key));
      tags[key] = value;
    }
    return {};
  };
}

// As above.
std::function<Status(Tags&)> removing(const Caller& caller, std::vector<std::string> keys) {
  return [&caller, keys = std::move(keys)](Tags& tags) -> Status {
    for (const std::string& key : keys) {
      TARN_CHECK(check_tag_key(caller, key));
      tags.erase(key);
    }
    return {};
  };
}

Tag tag_shape(const Tags::value_type& tag) {
  Tag shape;
  shape.key = tag.first;
  shape.value = tag.second;
  return shape;
}

}  // namespace

Answer<AddTagsToStream> handle(AddTagsToStream, KinesisService& kinesis, const Caller& caller,
                               AddTagsToStreamInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const NamedResource resource{stream, std::nullopt};
  const auto edit = adding(caller, std::move(input.tags));
  TARN_CO_CHECK(co_await change_tags(kinesis, resource, edit));
  co_return wire::Unit();
}

Answer<TagResource> handle(TagResource, KinesisService& kinesis, const Caller& caller,
                           TagResourceInput input) {
  TARN_CO_TRY(const NamedResource resource, find_resource(kinesis, caller, input.resource_arn));
  const auto edit = adding(caller, std::move(input.tags));
  TARN_CO_CHECK(co_await change_tags(kinesis, resource, edit));
  co_return wire::Unit();
}

Answer<RemoveTagsFromStream> handle(RemoveTagsFromStream, KinesisService& kinesis,
                                    const Caller& caller, RemoveTagsFromStreamInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const NamedResource resource{stream, std::nullopt};
  const auto edit = removing(caller, std::move(input.tag_keys));
  TARN_CO_CHECK(co_await change_tags(kinesis, resource, edit));
  co_return wire::Unit();
}

Answer<UntagResource> handle(UntagResource, KinesisService& kinesis, const Caller& caller,
                             UntagResourceInput input) {
  TARN_CO_TRY(const NamedResource resource, find_resource(kinesis, caller, input.resource_arn));
  const auto edit = removing(caller, std::move(input.tag_keys));
  TARN_CO_CHECK(co_await change_tags(kinesis, resource, edit));
  co_return wire::Unit();
}

Answer<ListTagsForStream> handle(ListTagsForStream, KinesisService& kinesis, const Caller& caller,
                                 ListTagsForStreamInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  const Tags& tags = stream->state().tags;
  const auto limit = static_cast<std::size_t>(input.limit.value_or(kDefaultTagsListed));
  ListTagsForStreamOutput output;
  auto at = input.exclusive_start_tag_key ? tags.upper_bound(*input.exclusive_start_tag_key)
                                          : tags.begin();
  for (; at != tags.end() && output.tags.size() < limit; ++at)
    output.tags.push_back(tag_shape(*at));
  output.has_more_tags = at != tags.end();
  co_return output;
}

Answer<ListTagsForResource> handle(ListTagsForResource, KinesisService& kinesis,
                                   const Caller& caller, ListTagsForResourceInput input) {
  TARN_CO_TRY(const NamedResource resource, find_resource(kinesis, caller, input.resource_arn));
  ListTagsForResourceOutput output;
  output.tags.emplace();
  for (const auto& tag : tags_of(resource)) output.tags->push_back(tag_shape(tag));
  co_return output;
}

}  // namespace tarn::kinesis
