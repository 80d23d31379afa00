// CreateGroup, GetGroup, ListGroups, DeleteGroup, AddUserToGroup, RemoveUserFromGroup,
// ListGroupsForUser.
#include <utility>

#include <fmt/format.h>

#include "services/iam/identity_policies.h"

namespace tarn::iam {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t kMostGroupsOfAUser = 10;

}  // namespace

Task<Result<CreateGroupResponse>> handle(CreateGroup /*tag*/, Iam& iam, const Caller& caller,
                                         CreateGroupRequest input) {
  GroupRecord group;
  group.account = caller.account_id;
  group.name = input.group_name;
  group.path = input.path.value_or("/");
  group.id = new_id(iam.platform.random, "AGPA");
  group.created = iam.platform.clock.now();
  const auto create = [&](std::optional<GroupRecord>& there) -> Status {
    if (there)
      return Error("EntityAlreadyExists",
                   fmt::format("Group with name {} already exists.", group.name));
    there = group;
    return {};
  };
  const auto work = [&] {
    return iam.users.change_group(group.name, create);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  CreateGroupResponse out;
  out.group = to_wire(group);
  co_return out;
}

Task<Result<GetGroupResponse>> handle(GetGroup /*tag*/, Iam& iam, const Caller& /*caller*/,
                                      GetGroupRequest input) {
  TARN_CO_TRY(const Users::Group group, existing<GroupKind>(iam, input.group_name));
  std::vector<User> all;
  for (const Users::User& user : iam.users.members_of(*group)) all.push_back(to_wire(*user));
  GetGroupResponse out;
  out.group = to_wire(*group);
  TARN_CO_TRY(out.users, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<ListGroupsResponse>> handle(ListGroups /*tag*/, Iam& iam, const Caller& /*caller*/,
                                        ListGroupsRequest input) {
  std::vector<Group> all;
  for (const Users::Group& group : iam.users.groups()) {
    if (group->path.starts_with(input.path_prefix.value_or("/"))) all.push_back(to_wire(*group));
  }
  ListGroupsResponse out;
  TARN_CO_TRY(out.groups, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteGroup /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteGroupRequest input) {
  const auto remove = [&](std::optional<GroupRecord>& there) -> Status {
    if (!there) return no_such_group(input.group_name);
    const std::string begin = "Cannot delete entity, must ";
    if (!iam.users.members_of(*there).empty())
      return Error("DeleteConflict", begin + "remove users from group first.");
    if (!there->attached.empty())
      return Error("DeleteConflict", begin + "detach all policies first.");
    if (!there->inline_policies.empty())
      return Error("DeleteConflict", begin + "delete policies first.");
    there.reset();
    return {};
  };
  const auto work = [&] {
    return iam.users.change_group(input.group_name, remove);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(AddUserToGroup /*tag*/, Iam& iam, const Caller& /*caller*/,
                                AddUserToGroupRequest input) {
  TARN_CO_CHECK(existing<GroupKind>(iam, input.group_name));
  const auto add = [&](UserRecord& user) -> Status {
    user.groups.insert(key_of(input.group_name));
    if (user.groups.size() <= kMostGroupsOfAUser) return {};
    return Error("LimitExceeded",
                 fmt::format("Cannot exceed quota for GroupsPerUser: {}", kMostGroupsOfAUser));
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, add);
}

Task<Result<wire::Unit>> handle(RemoveUserFromGroup /*tag*/, Iam& iam, const Caller& /*caller*/,
                                RemoveUserFromGroupRequest input) {
  TARN_CO_CHECK(existing<GroupKind>(iam, input.group_name));
  const auto remove = [&](UserRecord& user) -> Status {
    user.groups.erase(key_of(input.group_name));
    return {};
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, remove);
}

Task<Result<ListGroupsForUserResponse>> handle(ListGroupsForUser /*tag*/, Iam& iam,
                                               const Caller& /*caller*/,
                                               ListGroupsForUserRequest input) {
  TARN_CO_TRY(const Users::User user, existing<UserKind>(iam, input.user_name));
  std::vector<Group> all;
  for (const std::string& key : user->groups) {
    if (const Users::Group group = iam.users.find_group(key)) all.push_back(to_wire(*group));
  }
  ListGroupsForUserResponse out;
  TARN_CO_TRY(out.groups, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

}  // namespace tarn::iam
