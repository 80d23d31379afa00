// PutRolePolicy, GetRolePolicy, ListRolePolicies, DeleteRolePolicy, AttachRolePolicy,
// DetachRolePolicy, ListAttachedRolePolicies.
#include <utility>

#include "services/iam/identity_policies.h"

namespace tarn::iam {

Task<Result<wire::Unit>> handle(PutRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                PutRolePolicyRequest input) {
  const auto put = [&](RoleRecord& role) {
    return put_inline<RoleKind>(role, input.policy_name, input.policy_document);
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, put);
}

Task<Result<GetRolePolicyResponse>> handle(GetRolePolicy /*tag*/, Iam& iam,
                                           const Caller& /*caller*/, GetRolePolicyRequest input) {
  GetRolePolicyResponse out;
  TARN_CO_TRY(out.policy_document,
              inline_policy<RoleKind>(iam, input.role_name, input.policy_name));
  out.role_name = input.role_name;
  out.policy_name = input.policy_name;
  co_return out;
}

Task<Result<ListRolePoliciesResponse>> handle(ListRolePolicies /*tag*/, Iam& iam,
                                              const Caller& /*caller*/,
                                              ListRolePoliciesRequest input) {
  TARN_CO_TRY(auto all, inline_names<RoleKind>(iam, input.role_name));
  ListRolePoliciesResponse out;
  TARN_CO_TRY(out.policy_names, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteRolePolicyRequest input) {
  const auto remove = [&](RoleRecord& role) {
    return remove_inline<RoleKind>(role, input.policy_name);
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, remove);
}

Task<Result<wire::Unit>> handle(AttachRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                AttachRolePolicyRequest input) {
  TARN_CO_CHECK(check_attachable(iam, input.policy_arn));
  const auto add = [&](RoleRecord& role) {
    return attach<RoleKind>(role, input.policy_arn);
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, add);
}

Task<Result<wire::Unit>> handle(DetachRolePolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DetachRolePolicyRequest input) {
  const auto remove = [&](RoleRecord& role) {
    return detach<RoleKind>(role, input.policy_arn);
  };
  co_return co_await change_existing<RoleKind>(iam, input.role_name, remove);
}

Task<Result<ListAttachedRolePoliciesResponse>> handle(ListAttachedRolePolicies /*tag*/, Iam& iam,
                                                      const Caller& /*caller*/,
                                                      ListAttachedRolePoliciesRequest input) {
  TARN_CO_TRY(auto all, attached_of<RoleKind>(iam, input.role_name, input.path_prefix));
  ListAttachedRolePoliciesResponse out;
  TARN_CO_TRY(out.attached_policies, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

}  // namespace tarn::iam
