// ManagedPolicies: the policies that can be attached to users, groups and roles: those of AWS, with
// the contents that AWS documents, and the account's own, durable, in versions.
//
// Place: services/iam; AWS's are read from spec/managed-policies, one file a policy, each with its
// source; handlers (policy_actions.cc) change the account's. Threads: safe from any thread after
// read() and load(); finding takes a shared lock and no disk, changing blocks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "platform/clock.h"
#include "platform/files.h"
#include "services/iam/policy/document.h"
#include "store/store.h"

namespace tarn::iam {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
inline constexpr std::size_t kMostPolicyVersions = 5;

struct ManagedPolicy {
  struct Version {
    std::string text;
    Timestamp created;
  };

  std::string account;  // "aws": one of AWS's
  std::string name;
  std::string path = "/";
  std::string id;  // "ANPA…"
  std::string description;
  Timestamp created;
  Timestamp updated;
  std::map<std::string, std::string> tags;
  std::map<int, Version> versions;  // by number: "v1" is 1
  int default_version = 1;
  int latest_version = 1;                            // that was ever made
  std::shared_ptr<const policy::Document> document;  // of the default version

  [[nodiscard]] std::string arn() const {
    return make_arn("iam", "", account, "policy" + path + name);
  }
  [[nodiscard]] bool of_aws() const { return account == "aws"; }
};

// Keys and values in space `iam` of the store; docs/formats/iam.md. Decoding fails with kCorrupt.
inline constexpr std::string_view kPolicyPrefix = "policy/";
[[nodiscard]] std::string encode(const ManagedPolicy& policy);
[[nodiscard]] Result<ManagedPolicy> decode_policy(std::string_view record);

class ManagedPolicies {
 public:
  using Entry = std::shared_ptr<const ManagedPolicy>;
  using Change = std::function<Status(std::optional<ManagedPolicy>&)>;

  // AWS's, of the folder. Blocks. Errors: kIo, kCorrupt (by the file's name).
  [[nodiscard]] Status read(platform::Files& files, const std::string& folder);
  // The account's, of the store, which lives on. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load(store::Store& store);

  // nullptr where there is none of this ARN.
  [[nodiscard]] Entry find(std::string_view arn) const;
  // By ARN.
  [[nodiscard]] std::vector<Entry> all() const;

  // Calls `change` with the account's policy of this ARN, or nothing, and keeps what it leaves,
  // durable when it returns; one change at a time. Blocks. Errors: those of `change`,
  // MalformedPolicyDocument, kIo, kDiskFull.
  [[nodiscard]] Status change(const std::string& arn, const Change& change);

 private:
  store::Store* store_ = nullptr;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry, std::less<>> all_;  // by ARN
};

}  // namespace tarn::iam
