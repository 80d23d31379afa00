// OwnPolicyRecord: a managed policy of the account's own, with its versions.
//
// Place: services/iam; kept by roles.h, which gives roles what is attached to them. Threads:
// values; those that Roles hands out are immutable.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "platform/clock.h"

namespace tarn::iam {

namespace policy {
class Document;
}

inline constexpr std::size_t kMostPolicyVersions = 5;

struct PolicyVersionRecord {
  std::string text;
  Timestamp created;
};

struct OwnPolicyRecord {
  std::string account;
  std::string name;
  std::string path = "/";
  std::string id;  // "ANPA…"
  std::string description;
  Timestamp created;
  Timestamp updated;
  std::map<std::string, std::string> tags;
  std::map<int, PolicyVersionRecord> versions;  // by number: "v1" is 1
  int default_version = 1;
  int next_version = 1;

  // Of the default version; Roles compiles it.
  std::shared_ptr<const policy::Document> document;

  [[nodiscard]] std::string arn() const {
    return make_arn("iam", "", account, "policy" + path + name);
  }
};

// In space `iam` of the store; docs/formats/iam.md. Decoding fails with kCorrupt.
inline constexpr std::string_view kPolicyPrefix = "policy/";

[[nodiscard]] std::string encode(const OwnPolicyRecord& policy);
[[nodiscard]] Result<OwnPolicyRecord> decode_own_policy(std::string_view record);

}  // namespace tarn::iam
