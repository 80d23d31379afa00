// IamResources and TrustPolicies: what the authorizer asks about IAM's own resources.
//
// Place: services/iam; src/tarn adds the first as "iam" and the second as "sts". Threads: safe from
// any thread; take no disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "services/iam/managed_policies.h"
#include "services/iam/resource_policies.h"
#include "services/iam/roles.h"
#include "services/iam/users.h"

namespace tarn::iam {

class IamResources final : public ResourcePolicies {
 public:
  // All live on.
  IamResources(const Roles& roles, const Users& users, const ManagedPolicies& managed)
      : roles_(roles), users_(users), managed_(managed) {}

  // Calls name users, groups and roles without their path; policies name them with it.
  std::string canonical(std::string_view action, std::string resource_arn) const override;
  // IAM's resources have no policies of their own but roles, whose is asked by STS.
  std::shared_ptr<const policy::Document> find(std::string_view /*resource_arn*/) const override {
    return nullptr;
  }
  // aws:ResourceTag/NAME and iam:ResourceTag/NAME.
  policy::Values values(std::string_view key, std::string_view resource_arn) const override;

 private:
  const Roles& roles_;
  const Users& users_;
  const ManagedPolicies& managed_;
};

// Who may assume a role is for its trust policy to say; it must allow even the role's own account
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html).
class TrustPolicies final : public ResourcePolicies {
 public:
  // Lives on.
  explicit TrustPolicies(const Roles& roles) : roles_(roles) {}

  std::shared_ptr<const policy::Document> find(std::string_view resource_arn) const override;
  bool decides() const override { return true; }
  // aws:ResourceTag/NAME.
  policy::Values values(std::string_view key, std::string_view resource_arn) const override;

 private:
  const Roles& roles_;
};

}  // namespace tarn::iam
