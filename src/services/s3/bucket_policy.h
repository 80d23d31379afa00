// Bucket policies: kept, checked, and given to the authorizer.
//
// Place: services/s3; handlers of the data plane, and what iam asks on every request.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/service.h"
#include "services/iam/policy/document.h"
#include "services/iam/resource_policies.h"
#include "services/s3/api.h"
#include "services/s3/s3.h"

namespace tarn::s3 {

// Threads: safe from any thread.
class BucketPolicies final : public iam::ResourcePolicies {
 public:
  BucketPolicies(const Settings& settings, ObjectStore& objects)
      : settings_(settings), objects_(objects) {}

  std::shared_ptr<const iam::policy::Document> find(std::string_view resource_arn) const override;
  // s3:ExistingObjectTag/KEY, which takes a read of the object's record.
  iam::policy::Values values(std::string_view key, std::string_view resource_arn) const override;

 private:
  const Settings& settings_;
  ObjectStore& objects_;
};

// `text` as the policy of `bucket`. Errors: MalformedPolicy.
[[nodiscard]] Result<std::shared_ptr<const iam::policy::Document>> read_bucket_policy(
    const std::string& bucket, const std::string& text);

// The same policy for callers of `account` alone: what RestrictPublicBuckets leaves of a public
// one. Errors: MalformedPolicy.
[[nodiscard]] Result<std::shared_ptr<const iam::policy::Document>> restrict_to_account(
    const iam::policy::Document& policy, const std::string& account);

Task<Result<wire::Unit>> handle(PutBucketPolicy, S3& s3, const Caller& caller,
                                PutBucketPolicyRequest input);
Task<Result<GetBucketPolicyOutput>> handle(GetBucketPolicy, S3& s3, const Caller& caller,
                                           GetBucketPolicyRequest input);
Task<Result<wire::Unit>> handle(DeleteBucketPolicy, S3& s3, const Caller& caller,
                                DeleteBucketPolicyRequest input);
Task<Result<GetBucketPolicyStatusOutput>> handle(GetBucketPolicyStatus, S3& s3,
                                                 const Caller& caller,
                                                 GetBucketPolicyStatusRequest input);

}  // namespace tarn::s3
