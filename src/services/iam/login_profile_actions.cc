// CreateLoginProfile, GetLoginProfile, UpdateLoginProfile, DeleteLoginProfile, ChangePassword.
#include <utility>

#include <fmt/format.h>

#include "services/iam/identity_policies.h"

namespace tarn::iam {
namespace {

Error no_login_profile(const std::string& user) {
  return {"NoSuchEntity", fmt::format("Login Profile for User {} cannot be found.", user)};
}

LoginProfile profile_to_wire(const LoginProfileRecord& profile) {
  LoginProfile out;
  out.user_name = profile.name;
  out.create_date = profile.created;
  out.password_reset_required = profile.reset_required;
  return out;
}

// Changes a profile that must be there, on the blocking pool. Error: NoSuchEntity.
Task<Result<wire::Unit>> change_profile(Iam& iam, std::string user,
                                        std::function<Status(LoginProfileRecord&)> edit) {
  const auto change = [&](std::optional<LoginProfileRecord>& there) -> Status {
    return there ? edit(*there) : Status(no_login_profile(user));
  };
  auto work = [&] {
    return iam.logins.change(user, change);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

}  // namespace

Task<Result<CreateLoginProfileResponse>> handle(CreateLoginProfile /*tag*/, Iam& iam,
                                                const Caller& caller,
                                                CreateLoginProfileRequest input) {
  TARN_CO_TRY(const std::string name, user_or_caller(caller, input.user_name));
  TARN_CO_TRY(const Users::User user, existing<UserKind>(iam, name));
  if (!input.password)
    co_return Error("ValidationError", "Password must be given (--password)", 400);
  TARN_CO_CHECK(check_password(*input.password, iam.logins.policy()));
  LoginProfileRecord profile;
  profile.account = caller.account_id;
  profile.name = user->name;
  profile.created = iam.platform.clock.now();
  profile.reset_required = input.password_reset_required.value_or(false);
  const auto create = [&](std::optional<LoginProfileRecord>& there) -> Status {
    if (there) {
      return Error("EntityAlreadyExists",
                   fmt::format("Login Profile for user {} already exists.", profile.name));
    }
    TARN_TRY(profile.password, PasswordHash::of(iam.platform.random, *input.password));
    there = profile;
    return {};
  };
  auto work = [&] {
    return iam.logins.change(profile.name, create);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  CreateLoginProfileResponse out;
  out.login_profile = profile_to_wire(profile);
  co_return out;
}

Task<Result<GetLoginProfileResponse>> handle(GetLoginProfile /*tag*/, Iam& iam,
                                             const Caller& caller, GetLoginProfileRequest input) {
  TARN_CO_TRY(const std::string name, user_or_caller(caller, input.user_name));
  const auto profile = iam.logins.find(name);
  if (!profile) co_return no_login_profile(name);
  GetLoginProfileResponse out;
  out.login_profile = profile_to_wire(*profile);
  co_return out;
}

Task<Result<wire::Unit>> handle(UpdateLoginProfile /*tag*/, Iam& iam, const Caller& /*caller*/,
                                UpdateLoginProfileRequest input) {
  if (input.password) TARN_CO_CHECK(check_password(*input.password, iam.logins.policy()));
  std::function<Status(LoginProfileRecord&)> edit = [&](LoginProfileRecord& profile) -> Status {
    if (input.password) {
      TARN_TRY(profile.password, PasswordHash::of(iam.platform.random, *input.password));
    }
    if (input.password_reset_required) profile.reset_required = *input.password_reset_required;
    return {};
  };
  co_return co_await change_profile(iam, std::move(input.user_name), std::move(edit));
}

Task<Result<wire::Unit>> handle(DeleteLoginProfile /*tag*/, Iam& iam, const Caller& caller,
                                DeleteLoginProfileRequest input) {
  TARN_CO_TRY(const std::string name, user_or_caller(caller, input.user_name));
  const auto remove = [&](std::optional<LoginProfileRecord>& there) -> Status {
    if (!there) return no_login_profile(name);
    there.reset();
    return {};
  };
  auto work = [&] {
    return iam.logins.change(name, remove);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(ChangePassword /*tag*/, Iam& iam, const Caller& caller,
                                ChangePasswordRequest input) {
  if (caller.kind != Caller::Kind::kUser)
    co_return Error("InvalidUserType", "Only IAM Users can change their own password.");
  TARN_CO_CHECK(check_password(input.new_password, iam.logins.policy()));
  TARN_CO_TRY(std::string name, user_or_caller(caller, std::nullopt));
  std::function<Status(LoginProfileRecord&)> edit = [&](LoginProfileRecord& profile) -> Status {
    if (!profile.password.fits(input.old_password))
      return Error("AccessDenied", "The old password was incorrect.");
    TARN_TRY(profile.password, PasswordHash::of(iam.platform.random, input.new_password));
    profile.reset_required = false;
    return {};
  };
  co_return co_await change_profile(iam, std::move(name), std::move(edit));
}

}  // namespace tarn::iam
