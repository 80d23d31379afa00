// Roles: the IAM roles and instance profiles of the account, durable.
//
// Place: services/iam; handlers change them, the authorizer asks for a role's policies on every
// call of one of its sessions, and rooms that run programs under a role (EMR) find it here.
// Threads: safe from any thread; finding takes a shared lock and no disk, changing blocks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/iam/managed_policies.h"
#include "services/iam/registry.h"
#include "services/iam/role.h"
#include "store/store.h"

namespace tarn::iam {

class Roles {
 public:
  using Role = Registry<RoleRecord>::Entry;
  using Profile = Registry<InstanceProfileRecord>::Entry;

  // Both live on.
  Roles(store::Store& store, const ManagedPolicies& managed);

  // Reads all. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load();

  // By name, in any case, or ARN; nullptr where there is none.
  [[nodiscard]] Role find_role(std::string_view name_or_arn) const {
    return roles_.find(name_or_arn);
  }
  [[nodiscard]] Profile find_profile(std::string_view name_or_arn) const {
    return profiles_.find(name_or_arn);
  }
  // By name.
  [[nodiscard]] std::vector<Role> roles() const { return roles_.all(); }
  [[nodiscard]] std::vector<Profile> profiles() const { return profiles_.all(); }

  // Calls `change` with what there is, or nothing, and keeps what it leaves, durable when it
  // returns; one change at a time. Blocks. Errors: those of `change`, MalformedPolicyDocument, kIo,
  // kDiskFull.
  [[nodiscard]] Status change_role(const std::string& name,
                                   const Registry<RoleRecord>::Change& change) {
    return roles_.change(name, change);
  }
  [[nodiscard]] Status change_profile(const std::string& name,
                                      const Registry<InstanceProfileRecord>::Change& change) {
    return profiles_.change(name, change);
  }
  // A managed policy says something else from now on.
  [[nodiscard]] Status policy_changed(std::string_view policy_arn);

 private:
  Registry<RoleRecord> roles_;
  Registry<InstanceProfileRecord> profiles_;
};

// Whether the role's trust policy lets a service of AWS ("ec2.amazonaws.com") assume it, on behalf
// of a resource of the role's account ("aws:SourceAccount") with the ARN `source` ("aws:SourceArn";
// empty: the service tells none).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
[[nodiscard]] bool trusts(const RoleRecord& role, std::string_view service,
                          std::string_view source = {});

}  // namespace tarn::iam
