// PutUserPolicy, GetUserPolicy, ListUserPolicies, DeleteUserPolicy, AttachUserPolicy,
// DetachUserPolicy, ListAttachedUserPolicies.
#include <utility>

#include "services/iam/identity_policies.h"

namespace tarn::iam {

Task<Result<wire::Unit>> handle(PutUserPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                PutUserPolicyRequest input) {
  const auto put = [&](UserRecord& user) {
    return put_inline<UserKind>(user, input.policy_name, input.policy_document);
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, put);
}

Task<Result<GetUserPolicyResponse>> handle(GetUserPolicy /*tag*/, Iam& iam,
                                           const Caller& /*caller*/, GetUserPolicyRequest input) {
  GetUserPolicyResponse out;
  TARN_CO_TRY(out.policy_document,
              inline_policy<UserKind>(iam, input.user_name, input.policy_name));
  out.user_name = input.user_name;
  out.policy_name = input.policy_name;
  co_return out;
}

Task<Result<ListUserPoliciesResponse>> handle(ListUserPolicies /*tag*/, Iam& iam,
                                              const Caller& /*caller*/,
                                              ListUserPoliciesRequest input) {
  TARN_CO_TRY(auto all, inline_names<UserKind>(iam, input.user_name));
  ListUserPoliciesResponse out;
  TARN_CO_TRY(out.policy_names, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteUserPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteUserPolicyRequest input) {
  const auto remove = [&](UserRecord& user) {
    return remove_inline<UserKind>(user, input.policy_name);
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, remove);
}

Task<Result<wire::Unit>> handle(AttachUserPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                AttachUserPolicyRequest input) {
  TARN_CO_CHECK(check_attachable(iam, input.policy_arn));
  const auto add = [&](UserRecord& user) {
    return attach<UserKind>(user, input.policy_arn);
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, add);
}

Task<Result<wire::Unit>> handle(DetachUserPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DetachUserPolicyRequest input) {
  const auto remove = [&](UserRecord& user) {
    return detach<UserKind>(user, input.policy_arn);
  };
  co_return co_await change_existing<UserKind>(iam, input.user_name, remove);
}

Task<Result<ListAttachedUserPoliciesResponse>> handle(ListAttachedUserPolicies /*tag*/, Iam& iam,
                                                      const Caller& /*caller*/,
                                                      ListAttachedUserPoliciesRequest input) {
  TARN_CO_TRY(auto all, attached_of<UserKind>(iam, input.user_name, input.path_prefix));
  ListAttachedUserPoliciesResponse out;
  TARN_CO_TRY(out.attached_policies, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

}  // namespace tarn::iam
