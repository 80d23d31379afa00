// Roles: the IAM roles and instance profiles of the account, and its own managed policies, durable.
//
// Place: services/iam; handlers change them, the authorizer asks for a role's policies on every
// call of one of its sessions, and rooms that run programs under a role (EMR) find it here.
// Threads: safe from any thread; finding takes a shared lock and no disk, changing blocks.
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

#include "base/result.h"
#include "services/iam/managed_policies.h"
#include "services/iam/own_policy.h"
#include "services/iam/role.h"
#include "store/store.h"

namespace tarn::iam {

class Roles {
 public:
  using Role = std::shared_ptr<const RoleRecord>;
  using Profile = std::shared_ptr<const InstanceProfileRecord>;
  using OwnPolicy = std::shared_ptr<const OwnPolicyRecord>;

  // Both live on.
  Roles(store::Store& store, const ManagedPolicies& managed) : store_(store), managed_(managed) {}

  // Reads all. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // By name, in any case, or ARN; nullptr where there is none.
  [[nodiscard]] Role find_role(std::string_view name_or_arn) const;
  [[nodiscard]] Profile find_profile(std::string_view name_or_arn) const;
  [[nodiscard]] OwnPolicy find_policy(std::string_view name_or_arn) const;
  // By name.
  [[nodiscard]] std::vector<Role> roles() const;
  [[nodiscard]] std::vector<Profile> profiles() const;
  [[nodiscard]] std::vector<OwnPolicy> policies() const;

  // Calls `change` with what there is, or nothing, and keeps what it leaves, durable when it
  // returns; one change at a time. Blocks. Errors: those of `change`, MalformedPolicyDocument, kIo,
  // kDiskFull.
  [[nodiscard]] Status change_role(const std::string& name,
                                   const std::function<Status(std::optional<RoleRecord>&)>& change);
  [[nodiscard]] Status change_profile(
      const std::string& name,
      const std::function<Status(std::optional<InstanceProfileRecord>&)>& change);
  // Roles to which it is attached have its new version at once.
  [[nodiscard]] Status change_policy(
      const std::string& name,
      const std::function<Status(std::optional<OwnPolicyRecord>&)>& change);

 private:
  [[nodiscard]] Status compile(RoleRecord& role) const;
  void recompile_roles_with(const std::string& policy_arn);

  store::Store& store_;
  const ManagedPolicies& managed_;
  std::mutex changing_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Role, std::less<>> roles_;  // by name in lower case
  std::map<std::string, Profile, std::less<>> profiles_;
  std::map<std::string, OwnPolicy, std::less<>> policies_;
};

// Whether the role's trust policy lets a service of AWS ("ec2.amazonaws.com") assume it.
[[nodiscard]] bool trusts(const RoleRecord& role, std::string_view service);

}  // namespace tarn::iam
