// LoginProfiles: the passwords of users and the account's policy for them, durable.
//
// Place: services/iam; login_profile_actions.cc and password_policy_actions.cc change them.
// Threads: safe from any thread; finding takes a lock and no disk, changing blocks. Formats:
// docs/formats/iam.md.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "platform/clock.h"
#include "services/iam/password.h"
#include "services/iam/registry.h"
#include "store/store.h"

namespace tarn::iam {

struct LoginProfileRecord {
  std::string account;
  std::string name;  // of the user
  Timestamp created;
  bool reset_required = false;
  PasswordHash password;

  [[nodiscard]] std::string arn() const { return make_arn("iam", "", account, "user/" + name); }
};

class LoginProfiles {
 public:
  using Profile = Registry<LoginProfileRecord>::Entry;

  explicit LoginProfiles(store::Store& store);

  // Reads all. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // Of a user, by name; nullptr where it has none.
  [[nodiscard]] Profile find(std::string_view user) const { return profiles_.find(user); }
  // As Roles::change_role.
  [[nodiscard]] Status change(const std::string& user,
                              const Registry<LoginProfileRecord>::Change& change) {
    return profiles_.change(user, change);
  }

  [[nodiscard]] std::optional<PasswordPolicyRecord> policy() const;
  // nullopt: none. Durable when it returns. Blocks. Errors: kIo, kDiskFull.
  [[nodiscard]] Status set_policy(std::optional<PasswordPolicyRecord> policy);

 private:
  store::Store& store_;
  Registry<LoginProfileRecord> profiles_;
  mutable std::mutex mutex_;
  std::optional<PasswordPolicyRecord> policy_;
};

}  // namespace tarn::iam
