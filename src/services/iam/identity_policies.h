// What PutRolePolicy, PutUserPolicy and PutGroupPolicy do alike, and so on for the other actions on
// the policies of an identity.
//
// Place: services/iam, for role_policy_actions.cc, user_policy_actions.cc and
// group_policy_actions.cc; what differs is in RoleKind, UserKind and GroupKind. Threads: as
// service.h says.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "services/iam/actions.h"
#include "wire/encoding.h"

namespace tarn::iam {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: of all inline
// policies of an identity together, without white space; of managed policies.
struct RoleKind {
  using Record = RoleRecord;
  static constexpr const char* kNoun = "role";
  static constexpr const char* kQuota = "PoliciesPerRole";
  static constexpr std::size_t kMostInline = 10240;
  static Roles::Role find(const Iam& iam, const std::string& name) {
    return iam.roles.find_role(name);
  }
  static Status change(const Iam& iam, const std::string& name,
                       const Registry<Record>::Change& change) {
    return iam.roles.change_role(name, change);
  }
  static Error none(const std::string& name) { return no_such_role(name); }
  static Status check_changeable(const Record& role) { return check_not_service_linked(role); }
};

struct UserKind {
  using Record = UserRecord;
  static constexpr const char* kNoun = "user";
  static constexpr const char* kQuota = "PoliciesPerUser";
  static constexpr std::size_t kMostInline = 2048;
  static Users::User find(const Iam& iam, const std::string& name) {
    return iam.users.find_user(name);
  }
  static Status change(const Iam& iam, const std::string& name,
                       const Registry<Record>::Change& change) {
    return iam.users.change_user(name, change);
  }
  static Error none(const std::string& name) { return no_such_user(name); }
  static Status check_changeable(const Record& /*user*/) { return {}; }
};

struct GroupKind {
  using Record = GroupRecord;
  static constexpr const char* kNoun = "group";
  static constexpr const char* kQuota = "PoliciesPerGroup";
  static constexpr std::size_t kMostInline = 5120;
  static Users::Group find(const Iam& iam, const std::string& name) {
    return iam.users.find_group(name);
  }
  static Status change(const Iam& iam, const std::string& name,
                       const Registry<Record>::Change& change) {
    return iam.users.change_group(name, change);
  }
  static Error none(const std::string& name) { return no_such_group(name); }
  static Status check_changeable(const Record& /*group*/) { return {}; }
};

inline constexpr std::size_t kMostAttached = 10;

// Changes one that must be there. Errors: NoSuchEntity, those of `change` and of the registry.
template <class Kind, class Change>
Task<Result<wire::Unit>> change_existing(Iam& iam, const std::string& name, const Change& change) {
  const auto existing = [&](std::optional<typename Kind::Record>& there) -> Status {
    if (!there) return Kind::none(name);
    TARN_CHECK(Kind::check_changeable(*there));
    return change(*there);
  };
  const auto work = [&] {
    return Kind::change(iam, name, existing);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

// Error: NoSuchEntity.
template <class Kind>
Result<std::shared_ptr<const typename Kind::Record>> existing(const Iam& iam,
                                                              const std::string& name) {
  auto found = Kind::find(iam, name);
  if (!found) return Kind::none(name);
  return found;
}

template <class Kind>
Error no_such_inline(const std::string& policy, const std::string& name) {
  return {"NoSuchEntity", fmt::format("The {0} policy with name {1} cannot be found for {0} {2}.",
                                      Kind::kNoun, policy, name)};
}

template <class Kind>
Status put_inline(typename Kind::Record& into, const std::string& policy,
                  const std::string& document) {
  into.inline_policies[policy] = document;
  if (inline_size(into) <= Kind::kMostInline) return {};
  return Error("LimitExceeded", fmt::format("Maximum policy size of {} bytes exceeded for {} {}",
                                            Kind::kMostInline, Kind::kNoun, into.name));
}

// The text, percent-encoded as the API gives it. Error: NoSuchEntity.
template <class Kind>
Result<std::string> inline_policy(const Iam& iam, const std::string& name,
                                  const std::string& policy) {
  TARN_TRY(const auto found, existing<Kind>(iam, name));
  const auto text = found->inline_policies.find(policy);
  if (text == found->inline_policies.end()) return no_such_inline<Kind>(policy, name);
  return wire::percent_encode(text->second);
}

template <class Kind>
Result<std::vector<std::string>> inline_names(const Iam& iam, const std::string& name) {
  TARN_TRY(const auto found, existing<Kind>(iam, name));
  std::vector<std::string> out;
  for (const auto& [policy, text] : found->inline_policies) out.push_back(policy);
  return out;
}

template <class Kind>
Status remove_inline(typename Kind::Record& from, const std::string& policy) {
  if (from.inline_policies.erase(policy) > 0) return {};
  return no_such_inline<Kind>(policy, from.name);
}

template <class Kind>
Status attach(typename Kind::Record& to, const std::string& arn) {
  auto& attached = to.attached;
  if (std::find(attached.begin(), attached.end(), arn) != attached.end()) return {};
  attached.push_back(arn);
  if (attached.size() <= kMostAttached) return {};
  return Error("LimitExceeded",
               fmt::format("Cannot exceed quota for {}: {}", Kind::kQuota, kMostAttached));
}

template <class Kind>
Status detach(typename Kind::Record& from, const std::string& arn) {
  if (std::erase(from.attached, arn) > 0) return {};
  return Error("NoSuchEntity", fmt::format("Policy {} was not found.", arn));
}

template <class Kind>
Result<std::vector<AttachedPolicy>> attached_of(const Iam& iam, const std::string& name,
                                                const std::optional<std::string>& path_prefix) {
  TARN_TRY(const auto found, existing<Kind>(iam, name));
  std::vector<AttachedPolicy> out;
  for (const std::string& arn : found->attached) {
    const auto policy = iam.managed.find(arn);
    const std::string path = policy ? policy->path : "/";
    if (!path.starts_with(path_prefix.value_or("/"))) continue;
    AttachedPolicy& each = out.emplace_back();
    each.policy_name = arn.substr(arn.rfind('/') + 1);
    each.policy_arn = arn;
  }
  return out;
}

}  // namespace tarn::iam
