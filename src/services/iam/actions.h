// The handlers of every action, and what they share. Each .cc names the actions it holds.
//
// Place: services/iam. Threads: as service.h says. Errors of each: those that the model and the
// overlay declare.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/iam/api.h"
#include "services/iam/service.h"

namespace tarn::iam {

// role_actions.cc
Task<Result<CreateRoleResponse>> handle(CreateRole, Iam&, const Caller&, CreateRoleRequest);
Task<Result<GetRoleResponse>> handle(GetRole, Iam&, const Caller&, GetRoleRequest);
Task<Result<ListRolesResponse>> handle(ListRoles, Iam&, const Caller&, ListRolesRequest);
Task<Result<UpdateRoleResponse>> handle(UpdateRole, Iam&, const Caller&, UpdateRoleRequest);
Task<Result<wire::Unit>> handle(DeleteRole, Iam&, const Caller&, DeleteRoleRequest);
Task<Result<wire::Unit>> handle(UpdateAssumeRolePolicy, Iam&, const Caller&,
                                UpdateAssumeRolePolicyRequest);
Task<Result<wire::Unit>> handle(TagRole, Iam&, const Caller&, TagRoleRequest);
Task<Result<wire::Unit>> handle(UntagRole, Iam&, const Caller&, UntagRoleRequest);
Task<Result<ListRoleTagsResponse>> handle(ListRoleTags, Iam&, const Caller&, ListRoleTagsRequest);
Task<Result<wire::Unit>> handle(PutRolePermissionsBoundary, Iam&, const Caller&,
                                PutRolePermissionsBoundaryRequest);
Task<Result<wire::Unit>> handle(DeleteRolePermissionsBoundary, Iam&, const Caller&,
                                DeleteRolePermissionsBoundaryRequest);

// login_profile_actions.cc
Task<Result<CreateLoginProfileResponse>> handle(CreateLoginProfile, Iam&, const Caller&,
                                                CreateLoginProfileRequest);
Task<Result<GetLoginProfileResponse>> handle(GetLoginProfile, Iam&, const Caller&,
                                             GetLoginProfileRequest);
Task<Result<wire::Unit>> handle(UpdateLoginProfile, Iam&, const Caller&, UpdateLoginProfileRequest);
Task<Result<wire::Unit>> handle(DeleteLoginProfile, Iam&, const Caller&, DeleteLoginProfileRequest);
Task<Result<wire::Unit>> handle(ChangePassword, Iam&, const Caller&, ChangePasswordRequest);

// password_policy_actions.cc
Task<Result<wire::Unit>> handle(UpdateAccountPasswordPolicy, Iam&, const Caller&,
                                UpdateAccountPasswordPolicyRequest);
Task<Result<GetAccountPasswordPolicyResponse>> handle(GetAccountPasswordPolicy, Iam&, const Caller&,
                                                      wire::Unit);
Task<Result<wire::Unit>> handle(DeleteAccountPasswordPolicy, Iam&, const Caller&, wire::Unit);

// service_linked_role_actions.cc
Task<Result<CreateServiceLinkedRoleResponse>> handle(CreateServiceLinkedRole, Iam&, const Caller&,
                                                     CreateServiceLinkedRoleRequest);
Task<Result<DeleteServiceLinkedRoleResponse>> handle(DeleteServiceLinkedRole, Iam&, const Caller&,
                                                     DeleteServiceLinkedRoleRequest);
Task<Result<GetServiceLinkedRoleDeletionStatusResponse>> handle(
    GetServiceLinkedRoleDeletionStatus, Iam&, const Caller&,
    GetServiceLinkedRoleDeletionStatusRequest);

// role_policy_actions.cc
Task<Result<wire::Unit>> handle(PutRolePolicy, Iam&, const Caller&, PutRolePolicyRequest);
Task<Result<GetRolePolicyResponse>> handle(GetRolePolicy, Iam&, const Caller&,
                                           GetRolePolicyRequest);
Task<Result<ListRolePoliciesResponse>> handle(ListRolePolicies, Iam&, const Caller&,
                                              ListRolePoliciesRequest);
Task<Result<wire::Unit>> handle(DeleteRolePolicy, Iam&, const Caller&, DeleteRolePolicyRequest);
Task<Result<wire::Unit>> handle(AttachRolePolicy, Iam&, const Caller&, AttachRolePolicyRequest);
Task<Result<wire::Unit>> handle(DetachRolePolicy, Iam&, const Caller&, DetachRolePolicyRequest);
Task<Result<ListAttachedRolePoliciesResponse>> handle(ListAttachedRolePolicies, Iam&, const Caller&,
                                                      ListAttachedRolePoliciesRequest);

// user_actions.cc
Task<Result<CreateUserResponse>> handle(CreateUser, Iam&, const Caller&, CreateUserRequest);
Task<Result<GetUserResponse>> handle(GetUser, Iam&, const Caller&, GetUserRequest);
Task<Result<ListUsersResponse>> handle(ListUsers, Iam&, const Caller&, ListUsersRequest);
Task<Result<wire::Unit>> handle(DeleteUser, Iam&, const Caller&, DeleteUserRequest);
Task<Result<wire::Unit>> handle(TagUser, Iam&, const Caller&, TagUserRequest);
Task<Result<wire::Unit>> handle(UntagUser, Iam&, const Caller&, UntagUserRequest);
Task<Result<ListUserTagsResponse>> handle(ListUserTags, Iam&, const Caller&, ListUserTagsRequest);
Task<Result<wire::Unit>> handle(PutUserPermissionsBoundary, Iam&, const Caller&,
                                PutUserPermissionsBoundaryRequest);
Task<Result<wire::Unit>> handle(DeleteUserPermissionsBoundary, Iam&, const Caller&,
                                DeleteUserPermissionsBoundaryRequest);

// user_policy_actions.cc
Task<Result<wire::Unit>> handle(PutUserPolicy, Iam&, const Caller&, PutUserPolicyRequest);
Task<Result<GetUserPolicyResponse>> handle(GetUserPolicy, Iam&, const Caller&,
                                           GetUserPolicyRequest);
Task<Result<ListUserPoliciesResponse>> handle(ListUserPolicies, Iam&, const Caller&,
                                              ListUserPoliciesRequest);
Task<Result<wire::Unit>> handle(DeleteUserPolicy, Iam&, const Caller&, DeleteUserPolicyRequest);
Task<Result<wire::Unit>> handle(AttachUserPolicy, Iam&, const Caller&, AttachUserPolicyRequest);
Task<Result<wire::Unit>> handle(DetachUserPolicy, Iam&, const Caller&, DetachUserPolicyRequest);
Task<Result<ListAttachedUserPoliciesResponse>> handle(ListAttachedUserPolicies, Iam&, const Caller&,
                                                      ListAttachedUserPoliciesRequest);

// access_key_actions.cc
Task<Result<CreateAccessKeyResponse>> handle(CreateAccessKey, Iam&, const Caller&,
                                             CreateAccessKeyRequest);
Task<Result<ListAccessKeysResponse>> handle(ListAccessKeys, Iam&, const Caller&,
                                            ListAccessKeysRequest);
Task<Result<wire::Unit>> handle(UpdateAccessKey, Iam&, const Caller&, UpdateAccessKeyRequest);
Task<Result<wire::Unit>> handle(DeleteAccessKey, Iam&, const Caller&, DeleteAccessKeyRequest);

// group_actions.cc
Task<Result<CreateGroupResponse>> handle(CreateGroup, Iam&, const Caller&, CreateGroupRequest);
Task<Result<GetGroupResponse>> handle(GetGroup, Iam&, const Caller&, GetGroupRequest);
Task<Result<ListGroupsResponse>> handle(ListGroups, Iam&, const Caller&, ListGroupsRequest);
Task<Result<wire::Unit>> handle(DeleteGroup, Iam&, const Caller&, DeleteGroupRequest);
Task<Result<wire::Unit>> handle(AddUserToGroup, Iam&, const Caller&, AddUserToGroupRequest);
Task<Result<wire::Unit>> handle(RemoveUserFromGroup, Iam&, const Caller&,
                                RemoveUserFromGroupRequest);
Task<Result<ListGroupsForUserResponse>> handle(ListGroupsForUser, Iam&, const Caller&,
                                               ListGroupsForUserRequest);

// group_policy_actions.cc
Task<Result<wire::Unit>> handle(PutGroupPolicy, Iam&, const Caller&, PutGroupPolicyRequest);
Task<Result<GetGroupPolicyResponse>> handle(GetGroupPolicy, Iam&, const Caller&,
                                            GetGroupPolicyRequest);
Task<Result<ListGroupPoliciesResponse>> handle(ListGroupPolicies, Iam&, const Caller&,
                                               ListGroupPoliciesRequest);
Task<Result<wire::Unit>> handle(DeleteGroupPolicy, Iam&, const Caller&, DeleteGroupPolicyRequest);
Task<Result<wire::Unit>> handle(AttachGroupPolicy, Iam&, const Caller&, AttachGroupPolicyRequest);
Task<Result<wire::Unit>> handle(DetachGroupPolicy, Iam&, const Caller&, DetachGroupPolicyRequest);
Task<Result<ListAttachedGroupPoliciesResponse>> handle(ListAttachedGroupPolicies, Iam&,
                                                       const Caller&,
                                                       ListAttachedGroupPoliciesRequest);

// instance_profile_actions.cc
Task<Result<CreateInstanceProfileResponse>> handle(CreateInstanceProfile, Iam&, const Caller&,
                                                   CreateInstanceProfileRequest);
Task<Result<GetInstanceProfileResponse>> handle(GetInstanceProfile, Iam&, const Caller&,
                                                GetInstanceProfileRequest);
Task<Result<ListInstanceProfilesResponse>> handle(ListInstanceProfiles, Iam&, const Caller&,
                                                  ListInstanceProfilesRequest);
Task<Result<ListInstanceProfilesForRoleResponse>> handle(ListInstanceProfilesForRole, Iam&,
                                                         const Caller&,
                                                         ListInstanceProfilesForRoleRequest);
Task<Result<wire::Unit>> handle(DeleteInstanceProfile, Iam&, const Caller&,
                                DeleteInstanceProfileRequest);
Task<Result<wire::Unit>> handle(AddRoleToInstanceProfile, Iam&, const Caller&,
                                AddRoleToInstanceProfileRequest);
Task<Result<wire::Unit>> handle(RemoveRoleFromInstanceProfile, Iam&, const Caller&,
                                RemoveRoleFromInstanceProfileRequest);

// policy_actions.cc
Task<Result<CreatePolicyResponse>> handle(CreatePolicy, Iam&, const Caller&, CreatePolicyRequest);
Task<Result<GetPolicyResponse>> handle(GetPolicy, Iam&, const Caller&, GetPolicyRequest);
Task<Result<ListPoliciesResponse>> handle(ListPolicies, Iam&, const Caller&, ListPoliciesRequest);
Task<Result<wire::Unit>> handle(DeletePolicy, Iam&, const Caller&, DeletePolicyRequest);
Task<Result<CreatePolicyVersionResponse>> handle(CreatePolicyVersion, Iam&, const Caller&,
                                                 CreatePolicyVersionRequest);
Task<Result<GetPolicyVersionResponse>> handle(GetPolicyVersion, Iam&, const Caller&,
                                              GetPolicyVersionRequest);
Task<Result<ListPolicyVersionsResponse>> handle(ListPolicyVersions, Iam&, const Caller&,
                                                ListPolicyVersionsRequest);
Task<Result<wire::Unit>> handle(SetDefaultPolicyVersion, Iam&, const Caller&,
                                SetDefaultPolicyVersionRequest);
Task<Result<wire::Unit>> handle(DeletePolicyVersion, Iam&, const Caller&,
                                DeletePolicyVersionRequest);
Task<Result<ListEntitiesForPolicyResponse>> handle(ListEntitiesForPolicy, Iam&, const Caller&,
                                                   ListEntitiesForPolicyRequest);

// simulate_actions.cc
Task<Result<SimulatePolicyResponse>> handle(SimulatePrincipalPolicy, Iam&, const Caller&,
                                            SimulatePrincipalPolicyRequest);
Task<Result<SimulatePolicyResponse>> handle(SimulateCustomPolicy, Iam&, const Caller&,
                                            SimulateCustomPolicyRequest);

// --- what they share: request.cc ---

// NoSuchEntity, as AWS words it.
[[nodiscard]] Error no_such_role(const std::string& name);
// Error: UnmodifiableEntity.
[[nodiscard]] Status check_not_service_linked(const RoleRecord& role);
[[nodiscard]] Error no_such_profile(const std::string& name);
[[nodiscard]] Error no_such_user(const std::string& name);
[[nodiscard]] Error no_such_group(const std::string& name);
// Error: NoSuchEntity.
[[nodiscard]] Result<Roles::Role> role_of(const Iam& iam, const std::string& name);
// The user that a call names or, where it names none, the one who calls. Error: ValidationError.
[[nodiscard]] Result<std::string> user_or_caller(const Caller& caller,
                                                 const std::optional<std::string>& name);
// Whether there is such a managed policy. Error: NoSuchEntity.
[[nodiscard]] Status check_attachable(const Iam& iam, const std::string& policy_arn);
[[nodiscard]] Status check_boundary(const Iam& iam, const std::optional<std::string>& policy_arn);
// Error: NoSuchEntity, where there is none.
[[nodiscard]] Status remove_boundary(IdentityRecord& identity);
// A new id with its prefix, such as "AROA".
[[nodiscard]] std::string new_id(platform::Random& random, std::string_view prefix);
// Tags as a map. Error: InvalidInput (one key twice, but for its case; "aws:").
[[nodiscard]] Result<std::map<std::string, std::string>> tags_of(
    const Caller& caller, const std::optional<std::vector<Tag>>& tags);
// Tags take the place of those of the same name, in any case. Errors: as above; LimitExceeded.
[[nodiscard]] Status add_tags(const Caller& caller, std::map<std::string, std::string>& to,
                              const std::vector<Tag>& tags);
// Error: InvalidInput ("aws:").
[[nodiscard]] Status remove_tags(const Caller& caller, std::map<std::string, std::string>& from,
                                 const std::vector<std::string>& names);
[[nodiscard]] std::vector<Tag> to_wire(const std::map<std::string, std::string>& tags);

// As the API tells them; policies are percent-encoded there (RFC 3986).
[[nodiscard]] Role to_wire(const RoleRecord& role);
[[nodiscard]] User to_wire(const UserRecord& user);
[[nodiscard]] Group to_wire(const GroupRecord& group);
[[nodiscard]] InstanceProfile to_wire(const Iam& iam, const InstanceProfileRecord& profile);

// The page of `all` that begins at `marker`, and how it goes on. Error: InvalidInput (no marker of
// ours).
template <class Entry, class Response>
Result<std::vector<Entry>> take_page(std::vector<Entry> all,
                                     const std::optional<std::string>& marker,
                                     const std::optional<std::int32_t>& size, Response& response);
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& marker);

template <class Entry, class Response>
Result<std::vector<Entry>> take_page(std::vector<Entry> all,
                                     const std::optional<std::string>& marker,
                                     const std::optional<std::int32_t>& size, Response& response) {
  constexpr std::int32_t kUsualPage = 100;  // of every List action of IAM
  TARN_TRY(const std::size_t place, place_of(marker));
  const auto most = static_cast<std::size_t>(size.value_or(kUsualPage));
  std::vector<Entry> out;
  for (std::size_t i = place; i < all.size() && out.size() < most; ++i)
    out.push_back(std::move(all[i]));
  response.is_truncated = place + out.size() < all.size();
  if (*response.is_truncated) response.marker = std::to_string(place + out.size());
  return out;
}

}  // namespace tarn::iam
