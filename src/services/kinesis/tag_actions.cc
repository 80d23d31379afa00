// Tags, by the stream's own actions and by those of any resource.
#include <algorithm>

#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/shapes.h"

namespace tarn::kinesis {

namespace {

constexpr std::int32_t kDefaultTagsListed = 10;

using Tags = std::map<std::string, std::string>;

Task<Status> add_tags(KinesisService& kinesis, StreamView stream, Tags tags) {
  Catalog::Edit edit = [&tags](StreamState& state) -> Status {
    for (const auto& [key, value] : tags) state.tags[key] = value;
    return check_tags(state);
  };
  Status changed = co_await kinesis.catalog().change(stream->state().id, std::move(edit));
  co_return changed;
}

Task<Status> remove_tags(KinesisService& kinesis, StreamView stream,
                         std::vector<std::string> keys) {
  Catalog::Edit edit = [&keys](StreamState& state) -> Status {
    for (const std::string& key : keys) state.tags.erase(key);
    return {};
  };
  Status changed = co_await kinesis.catalog().change(stream->state().id, std::move(edit));
  co_return changed;
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
  TARN_CO_CHECK(co_await add_tags(kinesis, stream, std::move(input.tags)));
  co_return wire::Unit();
}

Answer<TagResource> handle(TagResource, KinesisService& kinesis, const Caller& caller,
                           TagResourceInput input) {
  const std::optional<std::string> arn = input.resource_arn;
  TARN_CO_TRY(const StreamView stream, kinesis.resolve(caller, std::nullopt, arn));
  TARN_CO_CHECK(co_await add_tags(kinesis, stream, std::move(input.tags)));
  co_return wire::Unit();
}

Answer<RemoveTagsFromStream> handle(RemoveTagsFromStream, KinesisService& kinesis,
                                    const Caller& caller, RemoveTagsFromStreamInput input) {
  TARN_CO_TRY(const StreamView stream,
              kinesis.resolve(caller, input.stream_name, input.stream_arn));
  TARN_CO_CHECK(co_await remove_tags(kinesis, stream, std::move(input.tag_keys)));
  co_return wire::Unit();
}

Answer<UntagResource> handle(UntagResource, KinesisService& kinesis, const Caller& caller,
                             UntagResourceInput input) {
  const std::optional<std::string> arn = input.resource_arn;
  TARN_CO_TRY(const StreamView stream, kinesis.resolve(caller, std::nullopt, arn));
  TARN_CO_CHECK(co_await remove_tags(kinesis, stream, std::move(input.tag_keys)));
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
  const std::optional<std::string> arn = input.resource_arn;
  TARN_CO_TRY(const StreamView stream, kinesis.resolve(caller, std::nullopt, arn));
  ListTagsForResourceOutput output;
  output.tags.emplace();
  for (const auto& tag : stream->state().tags) output.tags->push_back(tag_shape(tag));
  co_return output;
}

}  // namespace tarn::kinesis
