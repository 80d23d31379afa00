#include "services/servicecatalog/request.h"

#include <charconv>

#include <fmt/format.h>

#include "base/ids.h"
#include "gateway/system_tags.h"

namespace tarn::servicecatalog {
namespace {

constexpr std::size_t kIdLetters = 13;
constexpr std::string_view kIdAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

Error reserved_tag(const std::string& key) {
  return invalid(fmt::format("The tag {} begins with aws:, which is reserved.", key));
}

}  // namespace

Error invalid(std::string text) {
  return {"InvalidParametersException", std::move(text)};
}
Error missing(std::string text) {
  return {"ResourceNotFoundException", std::move(text)};
}
Error in_use(std::string text) {
  return {"ResourceInUseException", std::move(text)};
}
Error duplicate(std::string text) {
  return {"DuplicateResourceException", std::move(text)};
}
Error not_offered(std::string_view what) {
  return {"NotImplemented", fmt::format("{} is not offered. Leave it out.", what), 501};
}
Error too_many(std::string_view what, std::size_t most) {
  return {"LimitExceededException", fmt::format("There can be at most {} {}.", most, what)};
}

std::string new_id(ServiceCatalog& room, std::string_view prefix) {
  return fmt::format("{}{}", prefix, room.platform.random.text(kIdLetters, kIdAlphabet));
}

std::string catalog_arn(const Caller& caller, std::string_view type, std::string_view id) {
  return make_arn("catalog", caller.region, caller.account_id, fmt::format("{}/{}", type, id));
}

Task<Status> change(ServiceCatalog& room, const Caller& caller, const Catalog::Change& change) {
  const auto work = [&] {
    return room.catalog.change(caller.region, change);
  };
  co_return co_await room.platform.tasks.offload(work);
}

Result<TagMap> tag_map(const Caller& caller, const std::optional<std::vector<Tag>>& given,
                       std::size_t most) {
  TagMap out;
  if (!given) return out;
  for (const Tag& tag : *given) {
    if (!gateway::may_change_tag(caller, tag.key)) return reserved_tag(tag.key);
    if (!out.emplace(tag.key, tag.value).second)
      return invalid(fmt::format("The tag {} is given twice.", tag.key));
  }
  if (gateway::count_own_tags(out) > most) return too_many("tags of a resource", most);
  return out;
}

Status change_tags(const Caller& caller, TagMap& tags, const std::optional<std::vector<Tag>>& added,
                   const std::optional<std::vector<std::string>>& removed) {
  TARN_TRY(TagMap wanted, tag_map(caller, added));
  for (const std::string& key : removed.value_or(std::vector<std::string>())) {
    if (!gateway::may_change_tag(caller, key)) return reserved_tag(key);
    tags.erase(key);
  }
  for (const auto& [key, value] : wanted) tags[key] = value;
  if (gateway::count_own_tags(tags) > kMostTags) return too_many("tags of a resource", kMostTags);
  return {};
}

std::vector<Tag> told_tags(const TagMap& tags) {
  std::vector<Tag> out;
  for (const auto& [key, value] : tags) out.push_back({key, value});
  return out;
}

Result<std::size_t> place_of(const std::optional<std::string>& token) {
  std::size_t place = 0;
  if (!token || token->empty()) return place;
  const char* const end = token->data() + token->size();
  const auto read = std::from_chars(token->data(), end, place);
  if (read.ec != std::errc() || read.ptr != end)
    return invalid("PageToken is none that was given.");
  return place;
}

}  // namespace tarn::servicecatalog
