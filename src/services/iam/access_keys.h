// AccessKeys: the long-lived keys of users, durable.
//
// Place: services/iam; Credentials asks it for keys, access_key_actions.cc changes them. Threads:
// safe from any thread; finding takes a shared lock and no disk, changing blocks.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "services/iam/user.h"
#include "store/store.h"

namespace tarn::iam {

struct AccessKeyRecord {
  std::string id;  // "AKIA…"
  std::string secret;
  std::string user;  // its name
  bool active = true;
  Timestamp created;
  // Of the user, as calls name their caller.
  std::string account;
  std::string arn;
  std::string user_id;
};

class AccessKeys {
 public:
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  static constexpr std::size_t kMostOfAUser = 2;

  AccessKeys(store::Store& store, platform::Clock& clock, platform::Random& random)
      : store_(store), clock_(clock), random_(random) {}

  // Reads all. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // nullopt where there is none of this id.
  [[nodiscard]] std::optional<AccessKeyRecord> find(std::string_view id) const;
  // Of a user, the oldest first.
  [[nodiscard]] std::vector<AccessKeyRecord> of_user(std::string_view user) const;

  // A new one, durable when it returns. Blocks. Errors: LimitExceeded, kIo, kDiskFull.
  [[nodiscard]] Result<AccessKeyRecord> create(const UserRecord& user);
  // Blocks. Errors of both: NoSuchEntity (the user has no such key), kIo, kDiskFull.
  [[nodiscard]] Status set_active(const std::string& user, const std::string& id, bool active);
  [[nodiscard]] Status remove(const std::string& user, const std::string& id);

 private:
  store::Store& store_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, AccessKeyRecord, std::less<>> keys_;  // by id
};

}  // namespace tarn::iam
