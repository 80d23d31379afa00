#include "services/iam/user.h"

#include "wire/json_value.h"

namespace tarn::iam {

std::string encode(const UserRecord& user) {
  nlohmann::json members = members_of(user);
  members["groups"] = user.groups;
  return to_record(members, !user.boundary.empty());
}

std::string encode(const GroupRecord& group) {
  return to_record(members_of(group), false);
}

Result<UserRecord> decode_user(std::string_view record) {
  TARN_TRY(const auto members, members_from(record, "user"));
  UserRecord out;
  read_members(members, out);
  out.groups = members.value("groups", std::set<std::string>());
  return out;
}

Result<GroupRecord> decode_group(std::string_view record) {
  TARN_TRY(const auto members, members_from(record, "group"));
  GroupRecord out;
  read_members(members, out);
  return out;
}

}  // namespace tarn::iam
