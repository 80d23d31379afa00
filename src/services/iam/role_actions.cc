// CreateRole, GetRole, ListRoles, UpdateRole, DeleteRole, UpdateAssumeRolePolicy, TagRole,
// UntagRole, ListRoleTags, PutRolePermissionsBoundary, DeleteRolePermissionsBoundary.
#include <utility>

#include <fmt/format.h>

#include "services/iam/identity_policies.h"

namespace tarn::iam {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t kMostTrustBytes = 2048;

Status check_trust(const std::string& document) {
  if (document.size() <= kMostTrustBytes) return {};
  return Error("LimitExceeded",
               fmt::format("Cannot exceed quota for ACLSizePerRole: {}", kMostTrustBytes));
}

}  // namespace

Task<Result<CreateRoleResponse>> handle(CreateRole /*tag*/, Iam& iam, const Caller& caller,
                                        CreateRoleRequest input) {
  TARN_CO_CHECK(check_boundary(iam, input.permissions_boundary));
  TARN_CO_CHECK(check_trust(input.assume_role_policy_document));
  RoleRecord role;
  role.account = caller.account_id;
  role.name = input.role_name;
  role.path = input.path.value_or("/");
  if (is_service_linked(role)) {
    co_return Error("ValidationError",
                    "The path of a service's own role: make it by CreateServiceLinkedRole.", 400);
  }
  role.id = new_id(iam.platform.random, "AROA");
  role.description = input.description.value_or("");
  role.created = iam.platform.clock.now();
  role.max_session_s = input.max_session_duration.value_or(role.max_session_s);
  role.trust = input.assume_role_policy_document;
  role.boundary = input.permissions_boundary.value_or("");
  TARN_CO_TRY(role.tags, tags_of(caller, input.tags));
  const auto create = [&](std::optional<RoleRecord>& there) -> Status {
    if (there) {
      return Error("EntityAlreadyExists",
                   fmt::format("Role with name {} already exists.", role.name));
    }
    there = role;
    return {};
  };
  const auto work = [&] {
    return iam.roles.change_role(role.name, create);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  CreateRoleResponse out;
  out.role = to_wire(role);
  co_return out;
}

Task<Result<GetRoleResponse>> handle(GetRole /*tag*/, Iam& iam, const Caller& /*caller*/,
                                     GetRoleRequest input) {
  TARN_CO_TRY(const Roles::Role role, role_of(iam, input.role_name));
  GetRoleResponse out;
  out.role = to_wire(*role);
  co_return out;
}

Task<Result<ListRolesResponse>> handle(ListRoles /*tag*/, Iam& iam, const Caller& /*caller*/,
                                       ListRolesRequest input) {
  std::vector<Role> all;
  for (const Roles::Role& role : iam.roles.roles()) {
    if (role->path.starts_with(input.path_prefix.value_or("/"))) all.push_back(to_wire(*role));
  }
  ListRolesResponse out;
  TARN_CO_TRY(out.roles, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteRole /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteRoleRequest input) {
  const auto remove = [&](std::optional<RoleRecord>& there) -> Status {
    if (!there) return no_such_role(input.role_name);
    TARN_CHECK(check_not_service_linked(*there));
    const std::string begin = "Cannot delete entity, must ";
    if (!there->attached.empty())
      return Error("DeleteConflict", begin + "detach all policies first.");
    if (!there->inline_policies.empty())
      return Error("DeleteConflict", begin + "delete policies first.");
    for (const Roles::Profile& profile : iam.roles.profiles()) {
      if (profile->role != there->name) continue;
      return Error("DeleteConflict", fmt::format("{}remove roles from instance profile first: {}.",
                                                 begin, profile->name));
    }
    there.reset();
    return {};
  };
  const auto work = [&] {
    return iam.roles.change_role(input.role_name, remove);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<UpdateRoleResponse>> handle(UpdateRole /*tag*/, Iam& iam, const Caller& /*caller*/,
                                        UpdateRoleRequest input) {
  const auto update = [&](RoleRecord& role) -> Status {
    if (input.description) role.description = *input.description;
    if (input.max_session_duration) role.max_session_s = *input.max_session_duration;
    return {};
  };
  TARN_CO_CHECK(co_await change_existing<RoleKind>(iam, input.role_name, update));
  co_return UpdateRoleResponse();
}

Task<Result<wire::Unit>> handle(UpdateAssumeRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                UpdateAssumeRolePolicyRequest input) {
  TARN_CO_CHECK(check_trust(input.policy_document));
  const auto update = [&](RoleRecord& role) -> Status {
    role.trust = input.policy_document;
    return {};
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, update);
}

Task<Result<wire::Unit>> handle(TagRole /*tag*/, Iam& iam, const Caller& caller,
                                TagRoleRequest input) {
  const auto tag = [&](RoleRecord& role) {
    return add_tags(caller, role.tags, input.tags);
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, tag);
}

Task<Result<wire::Unit>> handle(UntagRole /*tag*/, Iam& iam, const Caller& caller,
                                UntagRoleRequest input) {
  const auto untag = [&](RoleRecord& role) {
    return remove_tags(caller, role.tags, input.tag_keys);
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, untag);
}

Task<Result<ListRoleTagsResponse>> handle(ListRoleTags /*tag*/, Iam& iam, const Caller& /*caller*/,
                                          ListRoleTagsRequest input) {
  TARN_CO_TRY(const Roles::Role role, role_of(iam, input.role_name));
  ListRoleTagsResponse out;
  TARN_CO_TRY(out.tags, take_page(to_wire(role->tags), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(PutRolePermissionsBoundary /*tag*/, Iam& iam,
                                const Caller& /*caller*/, PutRolePermissionsBoundaryRequest input) {
  TARN_CO_CHECK(check_boundary(iam, input.permissions_boundary));
  const auto put = [&](RoleRecord& role) -> Status {
    role.boundary = input.permissions_boundary;
    return {};
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, put);
}

Task<Result<wire::Unit>> handle(DeleteRolePermissionsBoundary /*tag*/, Iam& iam,
                                const Caller& /*caller*/,
                                DeleteRolePermissionsBoundaryRequest input) {
  const auto remove = [&](RoleRecord& role) {
    return remove_boundary(role);
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, remove);
}

}  // namespace tarn::iam
