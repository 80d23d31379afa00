// System tags: those whose keys begin with "aws:". Services set them for people, as stacks say by
// them whose a resource is; people can neither set nor change nor remove them.
//
// Place: gateway, for every room whose resources have tags. Threads: pure functions.
// Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "gateway/service.h"

namespace tarn::gateway {

[[nodiscard]] inline bool is_system_tag(std::string_view key) {
  return key.starts_with("aws:");
}

// Whether the caller may set, change or remove the tag of that key.
[[nodiscard]] inline bool may_change_tag(const Caller& caller, std::string_view key) {
  return !is_system_tag(key) || !caller.called_via.empty();
}

// Whether he may so with all keys.
template <class Keys>
[[nodiscard]] bool may_change_tags(const Caller& caller, const Keys& keys) {
  return std::all_of(keys.begin(), keys.end(),
                     [&](const auto& key) { return may_change_tag(caller, key); });
}

// How many count towards a limit, of tags by their keys.
template <class Tags>
[[nodiscard]] std::size_t count_own_tags(const Tags& tags) {
  return static_cast<std::size_t>(std::count_if(
      tags.begin(), tags.end(), [](const auto& tag) { return !is_system_tag(tag.first); }));
}

}  // namespace tarn::gateway
