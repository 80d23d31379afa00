// Users: the IAM users and groups of the account, durable.
//
// Place: services/iam; handlers change them, the authorizer asks for a user's policies on every
// call of one. Threads: safe from any thread; finding takes a shared lock and no disk, changing
// blocks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/iam/managed_policies.h"
#include "services/iam/registry.h"
#include "services/iam/user.h"
#include "store/store.h"

namespace tarn::iam {

class Users {
 public:
  using User = Registry<UserRecord>::Entry;
  using Group = Registry<GroupRecord>::Entry;

  // Both live on.
  Users(store::Store& store, const ManagedPolicies& managed);

  // Reads all. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // By name, in any case, or ARN; nullptr where there is none.
  [[nodiscard]] User find_user(std::string_view name_or_arn) const {
    return users_.find(name_or_arn);
  }
  [[nodiscard]] Group find_group(std::string_view name_or_arn) const {
    return groups_.find(name_or_arn);
  }
  // By name.
  [[nodiscard]] std::vector<User> users() const { return users_.all(); }
  [[nodiscard]] std::vector<Group> groups() const { return groups_.all(); }
  [[nodiscard]] std::vector<User> members_of(const GroupRecord& group) const;

  // The user's own policies and those of its groups.
  [[nodiscard]] std::vector<std::shared_ptr<const policy::Document>> policies_of(
      const UserRecord& user) const;

  // As Roles::change_role.
  [[nodiscard]] Status change_user(const std::string& name,
                                   const Registry<UserRecord>::Change& change) {
    return users_.change(name, change);
  }
  [[nodiscard]] Status change_group(const std::string& name,
                                    const Registry<GroupRecord>::Change& change) {
    return groups_.change(name, change);
  }
  // A managed policy says something else from now on.
  [[nodiscard]] Status policy_changed(std::string_view policy_arn);

 private:
  Registry<UserRecord> users_;
  Registry<GroupRecord> groups_;
};

}  // namespace tarn::iam
