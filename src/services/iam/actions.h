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
Task<Result<wire::Unit>> handle(DeleteRole, Iam&, const Caller&, DeleteRoleRequest);
Task<Result<wire::Unit>> handle(UpdateAssumeRolePolicy, Iam&, const Caller&,
                                UpdateAssumeRolePolicyRequest);
Task<Result<UpdateRoleResponse>> handle(UpdateRole, Iam&, const Caller&, UpdateRoleRequest);
Task<Result<wire::Unit>> handle(TagRole, Iam&, const Caller&, TagRoleRequest);
Task<Result<wire::Unit>> handle(UntagRole, Iam&, const Caller&, UntagRoleRequest);
Task<Result<ListRoleTagsResponse>> handle(ListRoleTags, Iam&, const Caller&, ListRoleTagsRequest);

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
Task<Result<GetPolicyResponse>> handle(GetPolicy, Iam&, const Caller&, GetPolicyRequest);
Task<Result<GetPolicyVersionResponse>> handle(GetPolicyVersion, Iam&, const Caller&,
                                              GetPolicyVersionRequest);
Task<Result<ListPoliciesResponse>> handle(ListPolicies, Iam&, const Caller&, ListPoliciesRequest);
Task<Result<ListEntitiesForPolicyResponse>> handle(ListEntitiesForPolicy, Iam&, const Caller&,
                                                   ListEntitiesForPolicyRequest);

// own_policy_actions.cc
Task<Result<CreatePolicyResponse>> handle(CreatePolicy, Iam&, const Caller&, CreatePolicyRequest);
Task<Result<wire::Unit>> handle(DeletePolicy, Iam&, const Caller&, DeletePolicyRequest);
Task<Result<CreatePolicyVersionResponse>> handle(CreatePolicyVersion, Iam&, const Caller&,
                                                 CreatePolicyVersionRequest);
Task<Result<wire::Unit>> handle(DeletePolicyVersion, Iam&, const Caller&,
                                DeletePolicyVersionRequest);
Task<Result<wire::Unit>> handle(SetDefaultPolicyVersion, Iam&, const Caller&,
                                SetDefaultPolicyVersionRequest);
Task<Result<ListPolicyVersionsResponse>> handle(ListPolicyVersions, Iam&, const Caller&,
                                                ListPolicyVersionsRequest);

// --- what they share: request.cc ---

// NoSuchEntity, as AWS words it.
[[nodiscard]] Error no_such_role(const std::string& name);
[[nodiscard]] Error no_such_profile(const std::string& name);
// Error: NoSuchEntity.
[[nodiscard]] Result<Roles::Role> role_of(const Iam& iam, const std::string& name);
// A new id with its prefix, such as "AROA".
[[nodiscard]] std::string new_id(platform::Random& random, std::string_view prefix);
// Tags as a map. Error: InvalidInput (one key twice, but for its case).
[[nodiscard]] Result<std::map<std::string, std::string>> tags_of(
    const std::optional<std::vector<Tag>>& tags);
[[nodiscard]] std::vector<Tag> to_wire(const std::map<std::string, std::string>& tags);

// As the API tells them; policies are percent-encoded there (RFC 3986).
[[nodiscard]] Role to_wire(const RoleRecord& role);
[[nodiscard]] InstanceProfile to_wire(const Iam& iam, const InstanceProfileRecord& profile);
[[nodiscard]] Policy to_wire(const Iam& iam, const OwnPolicyRecord& policy);
[[nodiscard]] PolicyVersion to_wire(const OwnPolicyRecord& policy, int number, bool with_text);
// The number of "v2". Error: NoSuchEntity.
[[nodiscard]] Result<int> version_number(const OwnPolicyRecord& policy, const std::string& version);

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
