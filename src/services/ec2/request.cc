#include "services/ec2/request.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/ids.h"
#include "gateway/system_tags.h"
#include "services/ec2/default_vpc.h"

namespace tarn::ec2 {
namespace {

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
constexpr std::size_t kMostTags = 50;
constexpr std::size_t kIdDigits = 17;

}  // namespace

Status refuse(std::initializer_list<Unserved> members) {
  for (const auto& [name, is_there] : members) {
    if (!is_there) continue;
    return Error("NotImplemented",
                 fmt::format("{} is not implemented by this version of tarn. Leave it out.", name),
                 501);
  }
  return {};
}

Status check_dry_run(const std::optional<bool>& dry_run) {
  if (!dry_run.value_or(false)) return {};
  return Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, key)) return {};
  return Error("InvalidParameterValue",
               "Tag keys starting with 'aws:' are reserved for internal use");
}

Status check_tags(const Caller& caller, const std::vector<Tag>& tags) {
  std::set<std::string> keys;
  for (const Tag& tag : tags) {
    const std::string key = tag.key.value_or("");
    TARN_CHECK(check_tag_key(caller, key));
    if (!keys.insert(key).second) {
      return Error("InvalidParameterValue", fmt::format("Duplicate tag key '{}' specified.", key));
    }
  }
  return check_tag_count(tags);
}

Status check_tag_count(const std::vector<Tag>& tags) {
  const auto own = std::count_if(tags.begin(), tags.end(), [](const Tag& tag) {
    return !gateway::is_system_tag(tag.key.value_or(""));
  });
  if (static_cast<std::size_t>(own) <= kMostTags) return {};
  return Error("TagLimitExceeded",
               fmt::format("The maximum number of tags for a resource is {}.", kMostTags));
}

Result<std::optional<std::vector<Tag>>> tags_of(
    const Caller& caller, const std::optional<std::vector<TagSpecification>>& specifications,
    std::string_view type) {
  std::vector<Tag> tags;
  for (const auto& each : specifications.value_or(std::vector<TagSpecification>())) {
    if (each.resource_type != type) {
      return Error("InvalidParameterValue",
                   fmt::format("'{}' is not a valid taggable resource type for this operation.",
                               each.resource_type.value_or("")));
    }
    if (each.tags) tags.insert(tags.end(), each.tags->begin(), each.tags->end());
  }
  TARN_CHECK(check_tags(caller, tags));
  if (tags.empty()) return std::optional<std::vector<Tag>>();
  return std::optional(std::move(tags));
}

std::string new_id(Ec2& ec2, std::string_view prefix) {
  return fmt::format("{}-{}", prefix, ec2.platform.random.text(kIdDigits, "0123456789abcdef"));
}

Task<Status> begin(Ec2& ec2, const Caller& caller) {
  const auto work = [&] {
    return ec2.network.begin(caller.region,
                             [&](Draft& draft) { return make_default_vpc(ec2, caller, draft); });
  };
  co_return co_await ec2.platform.tasks.offload(work);
}

Task<Status> change(Ec2& ec2, const Caller& caller, const Network::Change& change) {
  TARN_CO_CHECK(co_await begin(ec2, caller));
  const auto work = [&] {
    return ec2.network.change(caller.region, change);
  };
  co_return co_await ec2.platform.tasks.offload(work);
}

Error dependency(std::string_view message) {
  return {"DependencyViolation", std::string(message)};
}

Result<std::string> required(const std::optional<std::string>& value, std::string_view name) {
  if (value && !value->empty()) return *value;
  return Error("MissingParameter", fmt::format("The request must contain the parameter {}", name));
}

std::string arn_of(const Caller& caller, std::string_view type, std::string_view id) {
  return make_arn("ec2", caller.region, caller.account_id, fmt::format("{}/{}", type, id));
}

}  // namespace tarn::ec2
