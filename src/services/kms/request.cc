#include "services/kms/request.h"

#include <utility>

#include <fmt/format.h>

#include "gateway/system_tags.h"
#include "services/kms/faults.h"
#include "wire/encoding.h"

namespace tarn::kms {
namespace {

// https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
constexpr std::size_t kMaxTags = 50;

// A key answers in its own Region, and only where the account may see it.
Status visible(const Key& key, const Caller& caller) {
  if (key.region != caller.region) {
    return Error("NotFoundException", fmt::format("Invalid arn {}", key.region));
  }
  if (key.manager == Manager::kOwned) return key_not_found(key.arn());
  return {};
}

Status check_key_of_tag(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, wire::to_lower(key))) return {};
  return Error("TagException", "Tag keys that begin with aws: are reserved.");
}

bool hidden(std::string_view name) {
  return name.starts_with("aws-owned/");
}

}  // namespace

Result<KeyView> find_named(KmsService& kms, const Caller& caller, const std::string& name) {
  if (hidden(name)) return key_not_found(name);
  TARN_TRY(KeyView key, kms.ring().find(caller, name));
  TARN_CHECK(visible(*key, caller));
  return key;
}

Task<Result<KeyView>> obtain_named(KmsService& kms, const Caller& caller, std::string name) {
  if (hidden(name)) co_return key_not_found(name);
  Caller copy = caller;
  TARN_CO_TRY(KeyView key, co_await kms.ring().obtain(std::move(copy), std::move(name)));
  TARN_CO_CHECK(visible(*key, caller));
  co_return key;
}

Task<Result<KeyView>> change_named(KmsService& kms, const Caller& caller, std::string name,
                                   std::function<Status(Key&)> edit) {
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, name));
  if (key->manager != Manager::kCustomer) co_return managed_by_aws(*key);
  auto work = [&] {
    return kms.ring().change(key->id, edit);
  };
  co_return co_await kms.platform().tasks.offload(work);
}

Status refuse(bool given, std::string_view parameter) {
  if (!given) return {};
  return Error("NotImplemented",
               fmt::format("{} is not implemented by tarn: leave it out", parameter));
}

Status check_grant_tokens(KmsService& kms, const std::optional<std::vector<std::string>>& tokens) {
  if (!tokens) return {};
  for (const std::string& token : *tokens) {
    const auto place = parse_token(token);
    if (place && kms.ring().has_grant(*place)) continue;
    return Error("InvalidGrantTokenException",
                 "A grant token is none that CreateGrant gave for a grant that is there.");
  }
  return {};
}

Status add_tags(const Caller& caller, const std::vector<Tag>& added,
                std::map<std::string, std::string>& tags) {
  std::map<std::string, std::string> seen;
  for (const Tag& tag : added) {
    TARN_CHECK(check_key_of_tag(caller, tag.tag_key));
    if (!seen.emplace(tag.tag_key, tag.tag_value).second) {
      return Error("TagException", "Duplicate tag keys");
    }
  }
  for (auto& [name, value] : seen) tags[name] = value;
  if (gateway::count_own_tags(tags) <= kMaxTags) return {};
  return Error("TagException", fmt::format("A key has at most {} tags.", kMaxTags));
}

Status remove_tags(const Caller& caller, const std::vector<std::string>& keys,
                   std::map<std::string, std::string>& tags) {
  for (const std::string& key : keys) {
    TARN_CHECK(check_key_of_tag(caller, key));
    tags.erase(key);
  }
  return {};
}

std::string marker_of(std::string_view name) {
  return wire::to_base64(name);
}

Result<std::string> name_of(const std::optional<std::string>& marker) {
  if (!marker) return std::string();
  const auto name = wire::from_base64(*marker);
  if (name) return *name;
  return Error("InvalidMarkerException",
               "The marker is not one that an earlier page gave as NextMarker.");
}

}  // namespace tarn::kms
