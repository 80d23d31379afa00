#include "services/iam/roles.h"

#include "services/iam/policy/document.h"

namespace tarn::iam {
namespace {

Status compile_role(RoleRecord& role, const ManagedPolicies& managed) {
  using policy::Document;
  TARN_TRY(role.trust_policy, Document::parse(role.trust, Document::Kind::kTrust));
  return compile(role, managed);
}

}  // namespace

Roles::Roles(store::Store& store, const ManagedPolicies& managed)
    : roles_(store, {kRolePrefix, &encode, &decode_role,
                     [&managed](RoleRecord& role) {
                       return compile_role(role, managed);
                     }}),
      profiles_(store, {kInstanceProfilePrefix, &encode, &decode_instance_profile,
                        [](InstanceProfileRecord& /*profile*/) {
                          return Status();
                        }}) {}

Status Roles::load() {
  TARN_CHECK(roles_.load());
  return profiles_.load();
}

Status Roles::policy_changed(std::string_view policy_arn) {
  return roles_.recompile([&](const RoleRecord& role) { return role.refers_to(policy_arn); });
}

bool trusts(const RoleRecord& role, std::string_view service, std::string_view source) {
  std::map<std::string, policy::Values, std::less<>> keys;
  keys["aws:sourceaccount"] = {role.account};
  if (!source.empty()) keys["aws:sourcearn"] = {std::string(source)};
  const policy::FixedContext context(std::move(keys));
  policy::Principal principal;
  principal.kind = policy::Principal::Kind::kService;
  principal.account = role.account;
  principal.arn = service;
  const std::string arn = role.arn();
  const policy::Request request{principal, "sts:AssumeRole", arn, {}, context};
  return role.trust_policy->denial(request) == nullptr && role.trust_policy->allows(request);
}

}  // namespace tarn::iam
