// RoleRecord and InstanceProfileRecord: what IAM keeps of roles and of the containers that give
// them to instances.
//
// Place: services/iam; kept by roles.h. Threads: values; those that Roles hands out are immutable.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "platform/clock.h"
#include "services/iam/identity.h"

namespace tarn::iam {

struct RoleRecord : IdentityRecord {
  std::string description;
  int max_session_s = 3600;  // https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
  std::string trust;         // AssumeRolePolicyDocument
  std::shared_ptr<const policy::Document> trust_policy;  // of this text; Roles compiles it

  [[nodiscard]] std::string arn() const {
    return make_arn("iam", "", account, "role" + path + name);
  }
};

// Where roles stand that are a service's own, which nobody else changes
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html).
inline constexpr std::string_view kServiceRolePath = "/aws-service-role/";
[[nodiscard]] inline bool is_service_linked(const RoleRecord& role) {
  return role.path.starts_with(kServiceRolePath);
}

struct InstanceProfileRecord {
  std::string account;
  std::string name;
  std::string path = "/";
  std::string id;  // "AIPA…"
  Timestamp created;
  std::string role;  // its name; empty: none
  std::map<std::string, std::string> tags;

  [[nodiscard]] std::string arn() const {
    return make_arn("iam", "", account, "instance-profile" + path + name);
  }
};

// Keys and values in space `iam` of the store; docs/formats/iam.md. Decoding fails with kCorrupt
// and leaves policies to be compiled.
inline constexpr std::string_view kRolePrefix = "role/";
inline constexpr std::string_view kInstanceProfilePrefix = "instance-profile/";

[[nodiscard]] std::string encode(const RoleRecord& role);
[[nodiscard]] std::string encode(const InstanceProfileRecord& profile);
[[nodiscard]] Result<RoleRecord> decode_role(std::string_view record);
[[nodiscard]] Result<InstanceProfileRecord> decode_instance_profile(std::string_view record);

}  // namespace tarn::iam
