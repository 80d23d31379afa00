#include "services/iam/directory_resources.h"

#include <map>

#include "services/iam/policy/document.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

using Tags = std::map<std::string, std::string>;

// "user/NAME" of "arn:aws:iam::123456789012:user/NAME".
std::string_view own_part(std::string_view arn) {
  for (int colons = 0; colons < 5; ++colons) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn;
}

std::string_view name_in(std::string_view arn, std::string_view kind) {
  const std::string_view part = own_part(arn);
  return part.starts_with(kind) ? part.substr(part.rfind('/') + 1) : std::string_view();
}

policy::Values tag_of(const Tags& tags, std::string_view name) {
  for (const auto& [tag, value] : tags) {
    if (wire::equals_ignoring_case(tag, name)) return {value};
  }
  return {};
}

// NAME of a condition key aws:ResourceTag/NAME or SERVICE:ResourceTag/NAME, in lower case.
std::string_view tag_asked(std::string_view key) {
  constexpr std::string_view kTag = ":resourcetag/";
  const std::size_t at = key.find(kTag);
  return at == std::string_view::npos ? std::string_view() : key.substr(at + kTag.size());
}

}  // namespace

std::string IamResources::canonical(std::string_view /*action*/, std::string resource_arn) const {
  if (const auto name = name_in(resource_arn, "user/"); !name.empty()) {
    const Users::User user = users_.find_user(name);
    return user ? user->arn() : resource_arn;
  }
  if (const auto name = name_in(resource_arn, "role/"); !name.empty()) {
    const Roles::Role role = roles_.find_role(name);
    return role ? role->arn() : resource_arn;
  }
  if (const auto name = name_in(resource_arn, "group/"); !name.empty()) {
    const Users::Group group = users_.find_group(name);
    return group ? group->arn() : resource_arn;
  }
  if (const auto name = name_in(resource_arn, "instance-profile/"); !name.empty()) {
    const Roles::Profile profile = roles_.find_profile(name);
    return profile ? profile->arn() : resource_arn;
  }
  return resource_arn;
}

policy::Values IamResources::values(std::string_view key, std::string_view resource_arn) const {
  const std::string_view tag = tag_asked(key);
  if (tag.empty()) return {};
  if (const auto user = users_.find_user(resource_arn)) return tag_of(user->tags, tag);
  if (const auto role = roles_.find_role(resource_arn)) return tag_of(role->tags, tag);
  if (const auto managed = managed_.find(resource_arn)) return tag_of(managed->tags, tag);
  return {};
}

std::shared_ptr<const policy::Document> TrustPolicies::find(std::string_view resource_arn) const {
  if (name_in(resource_arn, "role/").empty()) return nullptr;
  const Roles::Role role = roles_.find_role(resource_arn);
  // Nobody is trusted by a role that is not there.
  return role ? role->trust_policy : policy::Document::nothing();
}

policy::Values TrustPolicies::values(std::string_view key, std::string_view resource_arn) const {
  const std::string_view tag = tag_asked(key);
  const Roles::Role role = tag.empty() ? nullptr : roles_.find_role(resource_arn);
  return role ? tag_of(role->tags, tag) : policy::Values();
}

}  // namespace tarn::iam
