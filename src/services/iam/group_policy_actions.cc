// PutGroupPolicy, GetGroupPolicy, ListGroupPolicies, DeleteGroupPolicy, AttachGroupPolicy,
// DetachGroupPolicy, ListAttachedGroupPolicies.
#include <utility>

#include "services/iam/identity_policies.h"

namespace tarn::iam {

Task<Result<wire::Unit>> handle(PutGroupPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                PutGroupPolicyRequest input) {
  const auto put = [&](GroupRecord& group) {
    return put_inline<GroupKind>(group, input.policy_name, input.policy_document);
  };
  co_return co_await change_existing<GroupKind>(iam, input.group_name, put);
}

Task<Result<GetGroupPolicyResponse>> handle(GetGroupPolicy /*tag*/, Iam& iam,
                                            const Caller& /*caller*/, GetGroupPolicyRequest input) {
  GetGroupPolicyResponse out;
  TARN_CO_TRY(out.policy_document,
              inline_policy<GroupKind>(iam, input.group_name, input.policy_name));
  out.group_name = input.group_name;
  out.policy_name = input.policy_name;
  co_return out;
}

Task<Result<ListGroupPoliciesResponse>> handle(ListGroupPolicies /*tag*/, Iam& iam,
                                               const Caller& /*caller*/,
                                               ListGroupPoliciesRequest input) {
  TARN_CO_TRY(auto all, inline_names<GroupKind>(iam, input.group_name));
  ListGroupPoliciesResponse out;
  TARN_CO_TRY(out.policy_names, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(DeleteGroupPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DeleteGroupPolicyRequest input) {
  const auto remove = [&](GroupRecord& group) {
    return remove_inline<GroupKind>(group, input.policy_name);
  };
  co_return co_await change_existing<GroupKind>(iam, input.group_name, remove);
}

Task<Result<wire::Unit>> handle(AttachGroupPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                AttachGroupPolicyRequest input) {
  TARN_CO_CHECK(check_attachable(iam, input.policy_arn));
  const auto add = [&](GroupRecord& group) {
    return attach<GroupKind>(group, input.policy_arn);
  };
  co_return co_await change_existing<GroupKind>(iam, input.group_name, add);
}

Task<Result<wire::Unit>> handle(DetachGroupPolicy /*tag*/, Iam& iam, const Caller& /*caller*/,
                                DetachGroupPolicyRequest input) {
  const auto remove = [&](GroupRecord& group) {
    return detach<GroupKind>(group, input.policy_arn);
  };
  co_return co_await change_existing<GroupKind>(iam, input.group_name, remove);
}

Task<Result<ListAttachedGroupPoliciesResponse>> handle(ListAttachedGroupPolicies /*tag*/, Iam& iam,
                                                       const Caller& /*caller*/,
                                                       ListAttachedGroupPoliciesRequest input) {
  TARN_CO_TRY(auto all, attached_of<GroupKind>(iam, input.group_name, input.path_prefix));
  ListAttachedGroupPoliciesResponse out;
  TARN_CO_TRY(out.attached_policies, take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

}  // namespace tarn::iam
