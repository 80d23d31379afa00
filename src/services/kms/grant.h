// Grant: the right to use a key that was given to somebody apart from its policy.
//
// Place: services/kms; part of a Key. To the authorizer a grant is a statement of the key's policy
// (rules_of), so that it is asked for like those. Threads: pure functions.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.h"
#include "platform/clock.h"
#include "services/iam/policy/document.h"

namespace tarn::kms {

struct Key;

struct Grant {
  std::string id;  // 64 hexadecimal digits
  std::string name;
  Timestamp created;
  std::string grantee;   // an ARN
  std::string retiring;  // an ARN; empty: nobody in particular
  std::vector<std::string> operations;
  // Constraints: the encryption context is this one, or has all of this.
  std::optional<std::map<std::string, std::string>> context_equals;
  std::optional<std::map<std::string, std::string>> context_subset;

  // Whether it gives the same right to the same, whatever its id.
  [[nodiscard]] bool is_alike(const Grant& other) const;
  // Whether `caller` may retire it by the grant itself: its retiring principal, or its grantee
  // where RetireGrant is among its operations.
  [[nodiscard]] bool may_be_retired_by(const Caller& caller) const;
};

// The key's policy with a statement for each grant; nullptr where the policy does not read.
[[nodiscard]] std::shared_ptr<const iam::policy::Document> rules_of(const Key& key);

// What CreateGrant gives for a grant, and back: the ids of key and grant.
[[nodiscard]] std::string token_of(const Key& key, const Grant& grant);
struct GrantPlace {
  std::string key_id;
  std::string grant_id;
};
[[nodiscard]] std::optional<GrantPlace> parse_token(std::string_view token);

}  // namespace tarn::kms
