// AssumeRole.
#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "services/iam/policy/document.h"
#include "services/sts/session.h"
#include "services/sts/session_policy.h"
#include "wire/encoding.h"

namespace tarn::sts {
namespace {

using std::chrono::seconds;

constexpr seconds kUsualRoleSession{3600};
// Of a session that a role's session asks for.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
constexpr seconds kMostChained{3600};

Error not_in_assume_role(std::string_view what, std::string_view why) {
  return {"NotImplemented",
          fmt::format("{} is not implemented by this version of tarn: {}", what, why), 501};
}

Status check_assume_role(const Caller& caller, const AssumeRoleRequest& input) {
  if (caller.kind == Caller::Kind::kRoot) {
    return Error("AccessDenied",
                 "Roles may not be assumed by root accounts. Make a user (aws iam create-user, "
                 "create-access-key), let it sts:AssumeRole, and call with its keys.",
                 403);
  }
  if (input.serial_number || input.token_code) {
    return not_in_assume_role("SerialNumber",
                              "nobody signs in with a second factor here. Leave it out.");
  }
  if (input.source_identity)
    return not_in_assume_role("SourceIdentity", "it is in no log. Leave it out.");
  if (input.transitive_tag_keys && !input.transitive_tag_keys->empty()) {
    return not_in_assume_role("TransitiveTagKeys",
                              "tags do not go on to the next role. Pass Tags there again.");
  }
  return {};
}

// Errors: ValidationError.
Result<seconds> duration_of(const Caller& caller, const iam::RoleRecord& role,
                            const std::optional<std::int32_t>& asked) {
  const seconds most(role.max_session_s);
  const seconds duration = asked ? seconds(*asked) : std::min(kUsualRoleSession, most);
  if (duration > most) {
    return Error("ValidationError",
                 "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                 400);
  }
  if (caller.kind == Caller::Kind::kAssumedRole && duration > kMostChained) {
    return Error("ValidationError",
                 "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
                 "by role chaining",
                 400);
  }
  return duration;
}

// Errors: those of session_policy, InvalidParameterValue.
Result<iam::Session> terms_of(const Sts& sts, const AssumeRoleRequest& input) {
  iam::Session terms;
  TARN_TRY(auto policy, session_policy(sts.managed, input.policy, input.policy_arns));
  if (policy != nullptr) terms.policies.push_back(std::move(policy));
  for (const auto& tag : input.tags.value_or(std::vector<Tag>())) {
    for (const auto& [name, value] : terms.tags) {
      if (wire::equals_ignoring_case(name, tag.key)) {
        return Error("InvalidParameterValue",
                     "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                     400);
      }
    }
    terms.tags.emplace(tag.key, tag.value);
  }
  return terms;
}

}  // namespace

Task<Result<AssumeRoleResponse>> handle(AssumeRole /*tag*/, Sts& sts, const Caller& caller,
                                        AssumeRoleRequest input) {
  TARN_CO_CHECK(check_assume_role(caller, input));
  // Its trust policy was asked by the authorizer, so it is there, or was a moment ago.
  const auto role = sts.roles.find_role(input.role_arn);
  if (!role) {
    co_return Error("AccessDenied",
                    fmt::format("User: {} is not authorized to perform: sts:AssumeRole on "
                                "resource: {}",
                                caller.arn, input.role_arn),
                    403);
  }
  TARN_CO_TRY(const seconds duration, duration_of(caller, *role, input.duration_seconds));
  TARN_CO_TRY(iam::Session terms, terms_of(sts, input));
  const auto work = [&] {
    return sts.credentials.issue_role_session(*role, input.role_session_name, duration,
                                              std::move(terms));
  };
  TARN_CO_TRY(const iam::Credential issued, co_await sts.tasks.offload(work));
  AssumeRoleResponse out;
  out.credentials = to_wire(issued);
  out.assumed_role_user.emplace();
  out.assumed_role_user->assumed_role_id = issued.user_id;
  out.assumed_role_user->arn = issued.arn;
  co_return out;
}

}  // namespace tarn::sts
