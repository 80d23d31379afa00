#include "services/logs/request.h"

#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "gateway/system_tags.h"
#include "services/logs/names.h"
#include "wire/encoding.h"

namespace tarn::logs {
namespace {

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
constexpr std::size_t kMostTags = 50;
constexpr std::size_t kLongestTagKey = 128;
constexpr std::size_t kLongestTagValue = 256;

// Takes what stands before the next ":" off `rest`.
std::string_view take_part(std::string_view& rest) {
  const std::size_t colon = rest.find(':');
  const std::string_view out = rest.substr(0, colon);
  rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
  return out;
}

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, wire::to_lower(key))) return {};
  return invalid_parameter("Tag keys that begin with aws: are reserved.");
}

Status check_tag(const Caller& caller, const std::string& key, const std::string& value) {
  if (key.empty() || key.size() > kLongestTagKey || value.size() > kLongestTagValue) {
    return invalid_parameter(
        fmt::format("The tag '{}' is too long, or its key is empty: keys have 1 to {} characters, "
                    "values at most {}.",
                    key.substr(0, kLongestTagKey), kLongestTagKey, kLongestTagValue));
  }
  return check_tag_key(caller, key);
}

}  // namespace

std::optional<GroupPlace> parse_group_arn(std::string_view arn) {
  std::string_view rest = arn;
  if (take_part(rest) != "arn" || take_part(rest) != kPartition || take_part(rest) != "logs")
    return std::nullopt;
  GroupPlace out;
  out.region = take_part(rest);
  out.account = take_part(rest);
  if (take_part(rest) != "log-group") return std::nullopt;
  out.is_group_alone = rest.find(':') == std::string_view::npos;
  out.name = take_part(rest);
  return out;
}

Result<std::shared_ptr<Group>> find_group(const LogsService& logs, const Caller& caller,
                                          std::string_view name) {
  auto found = logs.group_view().find(caller.account_id, caller.region, name);
  if (found == nullptr) return no_such_group();
  return found;
}

Result<std::shared_ptr<Group>> find_tagged(const LogsService& logs, const Caller& caller,
                                           const std::string& arn) {
  const auto place = parse_group_arn(arn);
  if (!place || !place->is_group_alone)
    return invalid_parameter(fmt::format("'{}' is not the ARN of a log group.", arn));
  if (place->account != caller.account_id || place->region != caller.region) return no_such_group();
  return find_group(logs, caller, place->name);
}

Result<std::shared_ptr<Group>> find_group(const LogsService& logs, const Caller& caller,
                                          const std::optional<std::string>& name,
                                          const std::optional<std::string>& identifier) {
  if (name.has_value() == identifier.has_value())
    return invalid_parameter("Exactly one of logGroupName and logGroupIdentifier must be given.");
  if (name) return find_group(logs, caller, *name);
  if (identifier->starts_with("arn:")) return find_tagged(logs, caller, *identifier);
  TARN_CHECK(check_group_name(*identifier));
  return find_group(logs, caller, *identifier);
}

Status refuse(bool given, std::string_view parameter) {
  if (!given) return {};
  return Error(
      "NotImplemented",
      fmt::format("{} is not implemented by this version of tarn: leave it out.", parameter));
}

Error invalid_parameter(std::string_view why) {
  return {"InvalidParameterException", std::string(why)};
}

Status add_tags(const Caller& caller, const std::map<std::string, std::string>& added,
                std::map<std::string, std::string>& tags, std::string_view too_many) {
  for (const auto& [key, value] : added) {
    TARN_CHECK(check_tag(caller, key, value));
    tags[key] = value;
  }
  if (gateway::count_own_tags(tags) <= kMostTags) return {};
  return Error(too_many, fmt::format("A log group has at most {} tags.", kMostTags));
}

Status remove_tags(const Caller& caller, const std::vector<std::string>& keys,
                   std::map<std::string, std::string>& tags) {
  for (const std::string& key : keys) {
    TARN_CHECK(check_tag_key(caller, key));
    tags.erase(key);
  }
  return {};
}

std::string to_token(std::string_view place) {
  return wire::to_base64(place);
}

Result<std::string> from_token(const std::optional<std::string>& token) {
  if (!token) return std::string();
  if (auto place = wire::from_base64(*token)) return *std::move(place);
  return invalid_parameter("The specified nextToken is invalid.");
}

}  // namespace tarn::logs
