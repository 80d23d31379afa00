#include "services/kms/key_policies.h"

#include "wire/encoding.h"

namespace tarn::kms {

KeyView KeyPolicies::key_of(std::string_view resource_arn) const {
  if (!resource_arn.starts_with("arn:")) return nullptr;
  const Result<KeyView> found = ring_.find(Caller(), resource_arn);
  return found.ok() ? *found : nullptr;
}

std::string KeyPolicies::canonical(std::string_view action, std::string resource_arn) const {
  if (action.ends_with("Alias")) return resource_arn;
  const KeyView key = key_of(resource_arn);
  return key ? key->arn() : resource_arn;
}

std::shared_ptr<const iam::policy::Document> KeyPolicies::find(
    std::string_view resource_arn) const {
  const KeyView key = key_of(resource_arn);
  return key ? key->rules : nullptr;
}

iam::policy::Values KeyPolicies::values(std::string_view key, std::string_view resource_arn) const {
  constexpr std::string_view kTag = "aws:resourcetag/";
  const KeyView found = key.starts_with(kTag) ? key_of(resource_arn) : nullptr;
  if (!found) return {};
  for (const auto& [name, value] : found->tags) {
    if (wire::to_lower(name) == key.substr(kTag.size())) return {value};
  }
  return {};
}

}  // namespace tarn::kms
