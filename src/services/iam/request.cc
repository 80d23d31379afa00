// What the handlers of IAM share.
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "services/iam/actions.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kIdLength = 17;

}  // namespace

Error no_such_role(const std::string& name) {
  return {"NoSuchEntity", fmt::format("The role with name {} cannot be found.", name)};
}

Error no_such_profile(const std::string& name) {
  return {"NoSuchEntity", fmt::format("Instance Profile {} cannot be found.", name)};
}

Result<Roles::Role> role_of(const Iam& iam, const std::string& name) {
  Roles::Role role = iam.roles.find_role(name);
  if (!role) return no_such_role(name);
  return role;
}

std::string new_id(platform::Random& random, std::string_view prefix) {
  return std::string(prefix) + random.text(kIdLength, kIdAlphabet);
}

Result<std::map<std::string, std::string>> tags_of(const std::optional<std::vector<Tag>>& tags) {
  std::map<std::string, std::string> out;
  for (const Tag& tag : tags.value_or(std::vector<Tag>())) {
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
  if (!role.tags.empty()) out.tags = to_wire(role.tags);
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
