#include "services/iam/users.h"

namespace tarn::iam {

Users::Users(store::Store& store, const ManagedPolicies& managed)
    : users_(store, {kUserPrefix, &encode, &decode_user,
                     [&managed](UserRecord& user) {
                       return compile(user, managed);
                     }}),
      groups_(store, {kGroupPrefix, &encode, &decode_group, [&managed](GroupRecord& group) {
                        return compile(group, managed);
                      }}) {}

Status Users::load() {
  TARN_CHECK(groups_.load());
  return users_.load();
}

std::vector<Users::User> Users::members_of(const GroupRecord& group) const {
  std::vector<User> out;
  const std::string key = key_of(group.name);
  for (const User& user : users_.all()) {
    if (user->groups.count(key) > 0) out.push_back(user);
  }
  return out;
}

std::vector<std::shared_ptr<const policy::Document>> Users::policies_of(
    const UserRecord& user) const {
  auto out = user.policies;
  for (const std::string& key : user.groups) {
    if (const Group group = groups_.find(key))
      out.insert(out.end(), group->policies.begin(), group->policies.end());
  }
  return out;
}

Status Users::policy_changed(std::string_view policy_arn) {
  TARN_CHECK(users_.recompile([&](const UserRecord& each) { return each.refers_to(policy_arn); }));
  return groups_.recompile([&](const GroupRecord& each) { return each.refers_to(policy_arn); });
}

}  // namespace tarn::iam
