// CreateUser, GetUser, ListUsers, DeleteUser, TagUser, UntagUser, ListUserTags,
// PutUserPermissionsBoundary, DeleteUserPermissionsBoundary.
#include <utility>

#include <fmt/format.h>

#include "services/iam/identity_policies.h"

namespace tarn::iam {
namespace {

// The root user, who has no name.
User root_to_wire(const Caller& caller) {
  User out;
  out.user_id = caller.account_id;
  out.arn = make_arn("iam", "", caller.account_id, "root");
  out.path = "/";
  out.user_name = "root";
  return out;
}

}  // namespace

Task<Result<CreateUserResponse>> handle(CreateUser /*tag*/, Iam& iam, const Caller& caller,
                                        CreateUserRequest input) {
  UserRecord user;
  user.account = caller.account_id;
  user.name = input.user_name;
  user.path = input.path.value_or("/");
  user.id = new_id(iam.platform.random, "AIDA");
  user.created = iam.platform.clock.now();
  TARN_CO_TRY(user.tags, tags_of(caller, input.tags));
  TARN_CO_CHECK(check_boundary(iam, input.permissions_boundary));
  user.boundary = input.permissions_boundary.value_or("");
  const auto create = [&](std::optional<UserRecord>& there) -> Status {
    if (there)
      return Error("EntityAlreadyExists",
                   fmt::format("User with name {} already exists.", user.name));
    there = user;
    return {};
  };
  const auto work = [&] {
    return iam.users.change_user(user.name, create);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  CreateUserResponse out;
  out.user = to_wire(user);
  co_return out;
}

Task<Result<GetUserResponse>> handle(GetUser /*tag*/, Iam& iam, const Caller& caller,
                                     GetUserRequest input) {
  GetUserResponse out;
  if (!input.user_name && caller.kind == Caller::Kind::kRoot) {
    out.user = root_to_wire(caller);
    co_return out;
  }
  TARN_CO_TRY(const std::string name, user_or_caller(caller, input.user_name));
  TARN_CO_TRY(const Users::User user, existing<UserKind>(iam, name));
  out.user = to_wire(*user);
  co_return out;
}

Task<Result<ListUsersResponse>> handle(ListUsers /*tag*/, Iam& iam, const Caller& /*caller*/,
                                       ListUsersRequest input) {
  std::vector<User> all;
  for (const Users::User& user : iam.users.users()) {
    if (user->path.starts_with(input.path_prefix.value_or("/"))) all.push_back(to_wire(*user));
  }
  ListUsersResponse out;
  TARN_CO_TRY(out.users, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteUser /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteUserRequest input) {
  const auto remove = [&](std::optional<UserRecord>& there) -> Status {
    if (!there) return no_such_user(input.user_name);
    const std::string begin = "Cannot delete entity, must ";
    if (!iam.access_keys.of_user(there->name).empty())
      return Error("DeleteConflict", begin + "delete access keys first.");
    if (iam.logins.find(there->name))
      return Error("DeleteConflict", begin + "delete login profile first.");
    if (!there->attached.empty())
      return Error("DeleteConflict", begin + "detach all policies first.");
    if (!there->inline_policies.empty())
      return Error("DeleteConflict", begin + "delete policies first.");
    if (!there->groups.empty())
      return Error("DeleteConflict", begin + "remove users from group first.");
    there.reset();
    return {};
  };
  const auto work = [&] {
    return iam.users.change_user(input.user_name, remove);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(TagUser /*tag*/, Iam& iam, const Caller& caller,
                                TagUserRequest input) {
  const auto tag = [&](UserRecord& user) {
    return add_tags(caller, user.tags, input.tags);
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, tag);
}

Task<Result<wire::Unit>> handle(UntagUser /*tag*/, Iam& iam, const Caller& caller,
                                UntagUserRequest input) {
  const auto untag = [&](UserRecord& user) {
    return remove_tags(caller, user.tags, input.tag_keys);
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, untag);
}

Task<Result<ListUserTagsResponse>> handle(ListUserTags /*tag*/, Iam& iam, const Caller& /*caller*/,
                                          ListUserTagsRequest input) {
  TARN_CO_TRY(const Users::User user, existing<UserKind>(iam, input.user_name));
  ListUserTagsResponse out;
  TARN_CO_TRY(out.tags, take_page(to_wire(user->tags), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(PutUserPermissionsBoundary /*tag*/, Iam& iam,
                                const Caller& /*caller*/, PutUserPermissionsBoundaryRequest input) {
  TARN_CO_CHECK(check_boundary(iam, input.permissions_boundary));
  const auto put = [&](UserRecord& user) -> Status {
    user.boundary = input.permissions_boundary;
    return {};
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, put);
}

Task<Result<wire::Unit>> handle(DeleteUserPermissionsBoundary /*tag*/, Iam& iam,
                                const Caller& /*caller*/,
                                DeleteUserPermissionsBoundaryRequest input) {
  const auto remove = [&](UserRecord& user) {
    return remove_boundary(user);
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, remove);
}

}  // namespace tarn::iam
