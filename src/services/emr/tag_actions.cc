// AddTags, RemoveTags.
#include <utility>

#include "services/emr/actions.h"
#include "services/emr/request.h"

namespace tarn::emr {

Task<Result<AddTagsOutput>> handle(AddTags /*tag*/, EmrService& emr, const Caller& caller,
                                   AddTagsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.resource_id));
  TARN_CO_CHECK(add_tags(input.tags, life->cluster().tags));
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return AddTagsOutput();
}

Task<Result<RemoveTagsOutput>> handle(RemoveTags /*tag*/, EmrService& emr, const Caller& caller,
                                      RemoveTagsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.resource_id));
  for (const std::string& key : input.tag_keys) life->cluster().tags.erase(key);
  life->touch();
  TARN_CO_CHECK(co_await life->save());
  co_return RemoveTagsOutput();
}

}  // namespace tarn::emr
