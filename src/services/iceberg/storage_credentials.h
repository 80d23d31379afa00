// StorageCredentials: temporary keys for the objects of one table (X-Iceberg-Access-Delegation:
// vended-credentials), and for a worker of maintenance.
//
// Place: services/iceberg. Threads: safe from any thread; issue() blocks.
// (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml:
// StorageCredential)
//
// They are session keys of the caller under a session policy, so they may do what the caller may
// and no more than the policy says.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "services/iam/credentials.h"

namespace tarn::iceberg {

// What keys are for.
struct Grant {
  std::vector<std::string> locations;  // "s3://bucket/folder": everything below
  bool write = false;
  std::vector<std::string> glue_actions;    // "glue:GetTable"
  std::vector<std::string> glue_resources;  // ARNs
};

// The policy that allows the grant and nothing else, in JSON. Error: BadRequestException (a
// location is none).
[[nodiscard]] Result<std::string> policy_of(const Grant& grant);

class StorageCredentials {
 public:
  static constexpr std::chrono::seconds kLife{3600};
  // Keys are given out again while half of their life is left, so that reading many tables writes
  // little; so many are remembered.
  static constexpr std::size_t kMaxRemembered = 1000;

  StorageCredentials(iam::Credentials& credentials, platform::Clock& clock)
      : credentials_(credentials), clock_(clock) {}

  // Keys of who has `access_key_id`. Errors: NotAuthorizedException (the key is gone),
  // BadRequestException, kIo, kDiskFull.
  [[nodiscard]] Result<iam::Credential> issue(const std::string& access_key_id, const Grant& grant);

 private:
  iam::Credentials& credentials_;
  platform::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, iam::Credential> remembered_;  // by key and policy
};

}  // namespace tarn::iceberg
