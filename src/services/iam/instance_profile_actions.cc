// CreateInstanceProfile, GetInstanceProfile, ListInstanceProfiles, ListInstanceProfilesForRole,
// DeleteInstanceProfile, AddRoleToInstanceProfile, RemoveRoleFromInstanceProfile.
#include <utility>

#include <fmt/format.h>

#include "services/iam/actions.h"

namespace tarn::iam {
namespace {

template <class Change>
Task<Status> change_profile(Iam& iam, const std::string& name, const Change& change) {
  const auto work = [&] {
    return iam.roles.change_profile(name, change);
  };
  co_return co_await iam.platform.tasks.offload(work);
}

}  // namespace

Task<Result<CreateInstanceProfileResponse>> handle(CreateInstanceProfile /*tag*/, Iam& iam,
                                                   const Caller& caller,
                                                   CreateInstanceProfileRequest input) {
  InstanceProfileRecord profile;
  profile.account = caller.account_id;
  profile.name = input.instance_profile_name;
  profile.path = input.path.value_or("/");
  profile.id = new_id(iam.platform.random, "AIPA");
  profile.created = iam.platform.clock.now();
  TARN_CO_TRY(profile.tags, tags_of(caller, input.tags));
  const auto create = [&](std::optional<InstanceProfileRecord>& there) -> Status {
    if (there) {
      return Error("EntityAlreadyExists",
                   fmt::format("Instance Profile {} already exists.", profile.name));
    }
    there = profile;
    return {};
  };
  TARN_CO_CHECK(co_await change_profile(iam, profile.name, create));
  CreateInstanceProfileResponse out;
  out.instance_profile = to_wire(iam, profile);
  co_return out;
}

Task<Result<GetInstanceProfileResponse>> handle(GetInstanceProfile /*tag*/, Iam& iam,
                                                const Caller& /*caller*/,
                                                GetInstanceProfileRequest input) {
  const Roles::Profile profile = iam.roles.find_profile(input.instance_profile_name);
  if (!profile) co_return no_such_profile(input.instance_profile_name);
  GetInstanceProfileResponse out;
  out.instance_profile = to_wire(iam, *profile);
  co_return out;
}

Task<Result<ListInstanceProfilesResponse>> handle(ListInstanceProfiles /*tag*/, Iam& iam,
                                                  const Caller& /*caller*/,
                                                  ListInstanceProfilesRequest input) {
  std::vector<InstanceProfile> all;
  for (const Roles::Profile& profile : iam.roles.profiles()) {
    if (profile->path.starts_with(input.path_prefix.value_or("/")))
      all.push_back(to_wire(iam, *profile));
  }
  ListInstanceProfilesResponse out;
  TARN_CO_TRY(out.instance_profiles, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<ListInstanceProfilesForRoleResponse>> handle(ListInstanceProfilesForRole /*tag*/,
                                                         Iam& iam, const Caller& /*caller*/,
                                                         ListInstanceProfilesForRoleRequest input) {
  TARN_CO_TRY(const Roles::Role role, role_of(iam, input.role_name));
  std::vector<InstanceProfile> all;
  for (const Roles::Profile& profile : iam.roles.profiles()) {
    if (profile->role == role->name) all.push_back(to_wire(iam, *profile));
  }
  ListInstanceProfilesForRoleResponse out;
  TARN_CO_TRY(out.instance_profiles, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteInstanceProfile /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteInstanceProfileRequest input) {
  const std::string& name = input.instance_profile_name;
  const auto remove = [&](std::optional<InstanceProfileRecord>& there) -> Status {
    if (!there) return no_such_profile(name);
    if (!there->role.empty()) {
      return Error("DeleteConflict",
                   "Cannot delete entity, must remove roles from instance profile first.");
    }
    there.reset();
    return {};
  };
  TARN_CO_CHECK(co_await change_profile(iam, name, remove));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(AddRoleToInstanceProfile /*tag*/, Iam& iam,
                                const Caller& /*caller*/, AddRoleToInstanceProfileRequest input) {
  const std::string& name = input.instance_profile_name;
  const auto add = [&](std::optional<InstanceProfileRecord>& there) -> Status {
    if (!there) return no_such_profile(name);
    TARN_TRY(const Roles::Role role, role_of(iam, input.role_name));
    if (!there->role.empty())
      return Error("LimitExceeded",
                   "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    there->role = role->name;
    return {};
  };
  TARN_CO_CHECK(co_await change_profile(iam, name, add));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(RemoveRoleFromInstanceProfile /*tag*/, Iam& iam,
                                const Caller& /*caller*/,
                                RemoveRoleFromInstanceProfileRequest input) {
  const std::string& name = input.instance_profile_name;
  const auto remove = [&](std::optional<InstanceProfileRecord>& there) -> Status {
    if (!there) return no_such_profile(name);
    if (there->role.empty() || there->role != input.role_name) return no_such_role(input.role_name);
    there->role.clear();
    return {};
  };
  TARN_CO_CHECK(co_await change_profile(iam, name, remove));
  co_return wire::Unit();
}

}  // namespace tarn::iam
