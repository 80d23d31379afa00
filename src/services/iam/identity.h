// IdentityRecord: what users, groups and roles have in common: a name, tags and policies.
//
// Place: services/iam; role.h and user.h build on it, roles.h and users.h keep what is built.
// Threads: values; those that are handed out are immutable.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "platform/clock.h"
#include "services/iam/managed_policies.h"

namespace tarn::iam {

struct IdentityRecord {
  std::string account;
  std::string name;
  std::string path = "/";
  std::string id;  // "AROA…", "AIDA…", "AGPA…"
  Timestamp created;
  std::map<std::string, std::string> tags;
  std::map<std::string, std::string> inline_policies;  // by name
  std::vector<std::string> attached;                   // ARNs of managed policies
  std::string boundary;                                // the ARN of one; empty: none

  // Of these texts; compile() makes them.
  std::vector<std::shared_ptr<const policy::Document>> policies;
  std::shared_ptr<const policy::Document> boundary_policy;

  // Whether the managed policy decides about what this identity may.
  [[nodiscard]] bool refers_to(std::string_view policy_arn) const;
};

// Error: MalformedPolicyDocument, of an inline policy. A managed policy that is not there gives
// nothing; a boundary that is not there allows nothing.
[[nodiscard]] Status compile(IdentityRecord& identity, const ManagedPolicies& managed);

// Characters of all inline policies but for white space, as quotas count them.
[[nodiscard]] std::size_t inline_size(const IdentityRecord& identity);
[[nodiscard]] std::size_t size_without_space(std::string_view policy);

// Under what a registry keeps an identity: names are unique without regard to case. Of a name, or
// of an ARN, whose last part is the name.
[[nodiscard]] std::string key_of(std::string_view name_or_arn);

// The members of docs/formats/iam.md that every identity has, and records with their version: 2
// where there is a boundary, which no program may overlook, else 1.
[[nodiscard]] nlohmann::json members_of(const IdentityRecord& identity);
void read_members(const nlohmann::json& members, IdentityRecord& into);
[[nodiscard]] std::string to_record(const nlohmann::json& members, bool bounded);
// Error: kCorrupt, of the `what` ("role").
[[nodiscard]] Result<nlohmann::json> members_from(std::string_view record, std::string_view what);

}  // namespace tarn::iam
