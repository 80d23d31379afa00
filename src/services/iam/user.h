// UserRecord and GroupRecord: what IAM keeps of users and groups.
//
// Place: services/iam; kept by users.h. A user's access keys are in credentials.h. Threads: values;
// those that Users hands out are immutable.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "services/iam/identity.h"

namespace tarn::iam {

struct UserRecord : IdentityRecord {
  std::set<std::string> groups;  // their keys (key_of)

  [[nodiscard]] std::string arn() const {
    return make_arn("iam", "", account, "user" + path + name);
  }
};

struct GroupRecord : IdentityRecord {
  [[nodiscard]] std::string arn() const {
    return make_arn("iam", "", account, "group" + path + name);
  }
};

// Keys and values in space `iam` of the store; docs/formats/iam.md. Decoding fails with kCorrupt
// and leaves policies to be compiled.
inline constexpr std::string_view kUserPrefix = "user/";
inline constexpr std::string_view kGroupPrefix = "group/";

[[nodiscard]] std::string encode(const UserRecord& user);
[[nodiscard]] std::string encode(const GroupRecord& group);
[[nodiscard]] Result<UserRecord> decode_user(std::string_view record);
[[nodiscard]] Result<GroupRecord> decode_group(std::string_view record);

}  // namespace tarn::iam
