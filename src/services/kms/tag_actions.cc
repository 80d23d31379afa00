// TagResource, UntagResource, ListResourceTags.
#include <algorithm>
#include <utility>

#include "services/kms/actions.h"
#include "services/kms/faults.h"
#include "services/kms/request.h"

namespace tarn::kms {
namespace {

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
constexpr std::int32_t kTagsPerPage = 50;

}  // namespace

Task<Result<wire::Unit>> handle(TagResource, KmsService& kms, const Caller& caller,
                                TagResourceRequest input) {
  std::function<Status(Key&)> edit = [&](Key& key) -> Status {
    TARN_CHECK(changeable(key));
    return add_tags(caller, input.tags, key.tags);
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, input.key_id, std::move(edit)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(UntagResource, KmsService& kms, const Caller& caller,
                                UntagResourceRequest input) {
  std::function<Status(Key&)> edit = [&](Key& key) -> Status {
    TARN_CHECK(changeable(key));
    return remove_tags(caller, input.tag_keys, key.tags);
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, input.key_id, std::move(edit)));
  co_return wire::Unit();
}

Task<Result<ListResourceTagsResponse>> handle(ListResourceTags, KmsService& kms,
                                              const Caller& caller, ListResourceTagsRequest input) {
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, input.key_id));
  std::vector<Tag> all;
  for (const auto& [name, value] : key->tags) {
    Tag& tag = all.emplace_back();
    tag.tag_key = name;
    tag.tag_value = value;
  }
  const std::int32_t limit = std::min(input.limit.value_or(kTagsPerPage), kTagsPerPage);
  ListResourceTagsResponse out;
  std::vector<Tag> page;
  TARN_CO_CHECK(take_page(all, input.marker, static_cast<std::size_t>(limit), out, page,
                          [](const Tag& tag) { return tag.tag_key; }));
  out.tags = std::move(page);
  co_return out;
}

}  // namespace tarn::kms
