#include "services/iam/role.h"

#include "wire/json_value.h"

namespace tarn::iam {

using nlohmann::json;

std::string encode(const RoleRecord& role) {
  json members = members_of(role);
  members["description"] = role.description;
  members["max_session_s"] = role.max_session_s;
  members["trust"] = role.trust;
  return to_record(members, !role.boundary.empty());
}

std::string encode(const InstanceProfileRecord& profile) {
  const json members = {{"account", profile.account},    {"name", profile.name},
                        {"path", profile.path},          {"id", profile.id},
                        {"created", profile.created.ms}, {"role", profile.role},
                        {"tags", profile.tags}};
  return to_record(members, false);
}

Result<RoleRecord> decode_role(std::string_view record) {
  TARN_TRY(const json members, members_from(record, "role"));
  RoleRecord out;
  read_members(members, out);
  out.description = members.value("description", "");
  out.max_session_s = members.value("max_session_s", out.max_session_s);
  out.trust = members.value("trust", "");
  return out;
}

Result<InstanceProfileRecord> decode_instance_profile(std::string_view record) {
  TARN_TRY(const json members, members_from(record, "instance profile"));
  InstanceProfileRecord out;
  out.account = members.value("account", "");
  out.name = members.value("name", "");
  out.path = members.value("path", "/");
  out.id = members.value("id", "");
  out.created.ms = members.value("created", std::int64_t{0});
  out.role = members.value("role", "");
  out.tags = members.value("tags", std::map<std::string, std::string>());
  return out;
}

}  // namespace tarn::iam
