#include "services/s3/tags.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gateway/system_tags.h"
#include "wire/http.h"

namespace tarn::s3 {
namespace {

// In characters, not bytes.
constexpr std::size_t kMaxKey = 128;
constexpr std::size_t kMaxValue = 256;
constexpr std::string_view kPunctuation = " +-=._:/@";

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_allowed(char c) {
  const bool ascii = static_cast<unsigned char>(c) < 0x80;
  const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return !ascii || plain || kPunctuation.find(c) != std::string_view::npos;
}

bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_allowed);
}

tarn::Error invalid_tag(std::string message, const std::string& key) {
  tarn::Error error("InvalidTag", std::move(message));
  error.details.emplace_back("TagKey", key);
  return error;
}

Status add(std::string key, std::string value, Tags& tags) {
  if (key.empty() || characters(key) > kMaxKey || !is_clean(key))
    return invalid_tag("The TagKey you have provided is invalid", key);
  if (characters(value) > kMaxValue || !is_clean(value)) {
    tarn::Error error = invalid_tag("The TagValue you have provided is invalid", key);
    error.details.emplace_back("TagValue", value);
    return error;
  }
  if (tags.emplace(key, std::move(value)).second) return {};
  return invalid_tag("Cannot provide multiple Tags with the same key", key);
}

// An object has no system tags.
Status add_to_object(std::string key, std::string value, Tags& tags) {
  if (!gateway::is_system_tag(key)) return add(std::move(key), std::move(value), tags);
  return invalid_tag("The TagKey you have provided is invalid", key);
}

Status check_count(std::size_t count, std::size_t limit) {
  if (count <= limit) return {};
  return tarn::Error("BadRequest",
                     fmt::format("{} tags cannot be greater than {}",
                                 limit == kMaxObjectTags ? "Object" : "Bucket", limit));
}

}  // namespace

Result<Tags> read_tags(const std::vector<Tag>& tags) {
  TARN_CHECK(check_count(tags.size(), kMaxObjectTags));
  Tags out;
  for (const Tag& tag : tags) TARN_CHECK(add_to_object(tag.key, tag.value, out));
  return out;
}

Status check_bucket_tags(const Caller& caller, const std::vector<Tag>& there,
                         const std::vector<Tag>& wanted) {
  Tags out;
  for (const Tag& tag : wanted) TARN_CHECK(add(tag.key, tag.value, out));
  TARN_CHECK(check_count(gateway::count_own_tags(out), kMaxBucketTags));
  Tags fixed;
  for (const Tag& tag : there) {
    if (!gateway::may_change_tag(caller, tag.key)) fixed.emplace(tag.key, tag.value);
  }
  for (const auto& [key, value] : out) {
    if (gateway::may_change_tag(caller, key)) continue;
    const auto found = fixed.find(key);
    if (found == fixed.end() || found->second != value)
      return invalid_tag("System tags cannot be added/updated by requester", key);
  }
  for (const auto& [key, value] : fixed) {
    if (!out.contains(key)) return invalid_tag("System tags cannot be removed by requester", key);
  }
  return {};
}

Result<Tags> read_tagging_header(const std::optional<std::string>& header) {
  Tags out;
  if (!header) return out;
  auto pairs = wire::parse_query(*header, true);
  TARN_CHECK(check_count(pairs.size(), kMaxObjectTags));
  for (auto& [key, value] : pairs) TARN_CHECK(add_to_object(std::move(key), std::move(value), out));
  return out;
}

std::vector<Tag> show_tags(const Tags& tags) {
  std::vector<Tag> out;
  for (const auto& [key, value] : tags) {
    Tag& shown = out.emplace_back();
    shown.key = key;
    shown.value = value;
  }
  return out;
}

}  // namespace tarn::s3
