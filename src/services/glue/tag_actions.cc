// GetTags, TagResource, UntagResource.
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/request.h"

namespace tarn::glue {

Task<Result<GetTagsResponse>> handle(GetTags, GlueService& service, const Caller& caller,
                                     GetTagsRequest input) {
  const auto work = [&]() -> Result<GetTagsResponse> {
    TARN_TRY(const auto owner, owner_of(caller, std::nullopt));
    GetTagsResponse out;
    TARN_TRY(out.tags, service.metastore().tags(owner, input.resource_arn));
    return out;
  };
  co_return co_await on_disk<GetTagsResponse>(service, work);
}

Task<Result<TagResourceResponse>> handle(TagResource, GlueService& service, const Caller& caller,
                                         TagResourceRequest input) {
  const auto work = [&]() -> Result<TagResourceResponse> {
    TARN_TRY(const auto owner, owner_of(caller, std::nullopt));
    for (const auto& [key, value] : input.tags_to_add) TARN_CHECK(check_tag_key(caller, key));
    TARN_CHECK(service.metastore().tag(owner, input.resource_arn, input.tags_to_add, {}));
    return TagResourceResponse();
  };
  co_return co_await on_disk<TagResourceResponse>(service, work);
}

Task<Result<UntagResourceResponse>> handle(UntagResource, GlueService& service,
                                           const Caller& caller, UntagResourceRequest input) {
  const auto work = [&]() -> Result<UntagResourceResponse> {
    TARN_TRY(const auto owner, owner_of(caller, std::nullopt));
    for (const auto& key : input.tags_to_remove) TARN_CHECK(check_tag_key(caller, key));
    TARN_CHECK(service.metastore().tag(owner, input.resource_arn, {}, input.tags_to_remove));
    return UntagResourceResponse();
  };
  co_return co_await on_disk<UntagResourceResponse>(service, work);
}

}  // namespace tarn::glue
