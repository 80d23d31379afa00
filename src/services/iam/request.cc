// What the handlers of IAM share.
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "gateway/system_tags.h"
#include "services/iam/actions.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kIdLength = 17;
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
constexpr std::size_t kMostTags = 50;

std::optional<AttachedPermissionsBoundary> boundary_of(const IdentityRecord& identity) {
  if (identity.boundary.empty()) return std::nullopt;
  AttachedPermissionsBoundary out;
  out.permissions_boundary_type = "Policy";
  out.permissions_boundary_arn = identity.boundary;
  return out;
}

// Keys are told apart without regard to their case.
Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, wire::to_lower(key))) return {};
  return Error("InvalidInput", "Tag keys that begin with aws: are reserved.");
}

}  // namespace

Error no_such_role(const std::string& name) {
  return {"NoSuchEntity", fmt::format("The role with name {} cannot be found.", name)};
}

Status check_not_service_linked(const RoleRecord& role) {
  if (!is_service_linked(role)) return {};
  return Error("UnmodifiableEntity",
               fmt::format("Cannot perform the operation on the protected role '{}' - this role is "
                           "only modifiable by AWS",
                           role.name));
}

Error no_such_profile(const std::string& name) {
  return {"NoSuchEntity", fmt::format("Instance Profile {} cannot be found.", name)};
}

Error no_such_user(const std::string& name) {
  return {"NoSuchEntity", fmt::format("The user with name {} cannot be found.", name)};
}

Error no_such_group(const std::string& name) {
  return {"NoSuchEntity", fmt::format("The group with name {} cannot be found.", name)};
}

Result<Roles::Role> role_of(const Iam& iam, const std::string& name) {
  Roles::Role role = iam.roles.find_role(name);
  if (!role) return no_such_role(name);
  return role;
}

Result<std::string> user_or_caller(const Caller& caller, const std::optional<std::string>& name) {
  if (name) return *name;
  if (caller.kind == Caller::Kind::kUser) return caller.arn.substr(caller.arn.rfind('/') + 1);
  return Error("ValidationError",
               "Must specify userName when calling with non-User credentials (--user-name NAME)",
               400);
}

Status check_attachable(const Iam& iam, const std::string& policy_arn) {
  if (iam.managed.find(policy_arn)) return {};
  constexpr std::string_view kOfAws = "arn:aws:iam::aws:";
  const std::string why = policy_arn.starts_with(kOfAws)
                              ? " This version of tarn brings some of AWS's policies (`aws iam "
                                "list-policies --scope AWS`); make one of your own of what is "
                                "needed (CreatePolicy)."
                              : "";
  return Error("NoSuchEntity",
               fmt::format("Policy {} does not exist or is not attachable.{}", policy_arn, why));
}

Status check_boundary(const Iam& iam, const std::optional<std::string>& policy_arn) {
  return policy_arn ? check_attachable(iam, *policy_arn) : Status();
}

Status remove_boundary(IdentityRecord& identity) {
  if (identity.boundary.empty()) {
    return Error("NoSuchEntity", fmt::format("{} has no permissions boundary.", identity.name));
  }
  identity.boundary.clear();
  return {};
}

std::string new_id(platform::Random& random, std::string_view prefix) {
  return std::string(prefix) + random.text(kIdLength, kIdAlphabet);
}

Result<std::map<std::string, std::string>> tags_of(const Caller& caller,
                                                   const std::optional<std::vector<Tag>>& tags) {
  std::map<std::string, std::string> out;
  for (const Tag& tag : tags.value_or(std::vector<Tag>())) {
    TARN_CHECK(check_tag_key(caller, tag.key));
    for (const auto& [name, value] : out) {
      if (wire::equals_ignoring_case(name, tag.key)) {
        return Error("InvalidInput",
                     "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
      }
    }
    out.emplace(tag.key, tag.value);
  }
  return out;
}

Status add_tags(const Caller& caller, std::map<std::string, std::string>& to,
                const std::vector<Tag>& tags) {
  TARN_TRY(const auto added, tags_of(caller, tags));
  for (const auto& [name, value] : added) {
    std::erase_if(to, [&](const auto& tag) { return wire::equals_ignoring_case(tag.first, name); });
    to.emplace(name, value);
  }
  if (gateway::count_own_tags(to) <= kMostTags) return {};
  return Error("LimitExceeded",
               fmt::format("The number of tags has reached the maximum limit of {}.", kMostTags));
}

Status remove_tags(const Caller& caller, std::map<std::string, std::string>& from,
                   const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    TARN_CHECK(check_tag_key(caller, name));
    std::erase_if(from,
                  [&](const auto& tag) { return wire::equals_ignoring_case(tag.first, name); });
  }
  return {};
}

std::vector<Tag> to_wire(const std::map<std::string, std::string>& tags) {
  std::vector<Tag> out;
  out.reserve(tags.size());
  for (const auto& [name, value] : tags) {
    Tag& tag = out.emplace_back();
    tag.key = name;
    tag.value = value;
  }
  return out;
}

Role to_wire(const RoleRecord& role) {
  Role out;
  out.path = role.path;
  out.role_name = role.name;
  out.role_id = role.id;
  out.arn = role.arn();
  out.create_date = role.created;
  out.assume_role_policy_document = wire::percent_encode(role.trust);
  if (!role.description.empty()) out.description = role.description;
  out.max_session_duration = role.max_session_s;
  out.permissions_boundary = boundary_of(role);
  if (!role.tags.empty()) out.tags = to_wire(role.tags);
  return out;
}

User to_wire(const UserRecord& user) {
  User out;
  out.path = user.path;
  out.user_name = user.name;
  out.user_id = user.id;
  out.arn = user.arn();
  out.create_date = user.created;
  out.permissions_boundary = boundary_of(user);
  if (!user.tags.empty()) out.tags = to_wire(user.tags);
  return out;
}

Group to_wire(const GroupRecord& group) {
  Group out;
  out.path = group.path;
  out.group_name = group.name;
  out.group_id = group.id;
  out.arn = group.arn();
  out.create_date = group.created;
  return out;
}

InstanceProfile to_wire(const Iam& iam, const InstanceProfileRecord& profile) {
  InstanceProfile out;
  out.path = profile.path;
  out.instance_profile_name = profile.name;
  out.instance_profile_id = profile.id;
  out.arn = profile.arn();
  out.create_date = profile.created;
  const Roles::Role role = profile.role.empty() ? nullptr : iam.roles.find_role(profile.role);
  if (role) out.roles.push_back(to_wire(*role));
  if (!profile.tags.empty()) out.tags = to_wire(profile.tags);
  return out;
}

Result<std::size_t> place_of(const std::optional<std::string>& marker) {
  std::size_t place = 0;
  if (!marker) return place;
  const char* const end = marker->data() + marker->size();
  const auto read = std::from_chars(marker->data(), end, place);
  if (read.ec != std::errc() || read.ptr != end)
    return Error("InvalidInput", fmt::format("Invalid Marker: {}", *marker));
  return place;
}

}  // namespace tarn::iam
