#include "services/kms/policies.h"

#include <fmt/format.h>

#include "services/iam/request_context.h"
#include "wire/encoding.h"

namespace tarn::kms {
std::string default_policy(const std::string& account) {
  return fmt::format(R"({{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{}"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}})",
                     make_arn("iam", "", account, "root"));
}

std::string managed_policy(const Key& key) {
  return fmt::format(R"({{
  "Version" : "2012-10-17",
  "Id" : "auto-{0}-1",
  "Statement" : [ {{
    "Sid" : "Allow use through the service for all principals in the account that may use it",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{1}",
        "kms:ViaService" : "{0}.{2}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{3}"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],
    "Resource" : "*"
  }} ]
}})",
                     key.service, key.account, key.region,
                     make_arn("iam", "", key.account, "root"));
}

iam::ConditionValues context_values(const EncryptionContext& context) {
  iam::ConditionValues out;
  for (const auto& [name, value] : context) {
    out["kms:encryptioncontext:" + wire::to_lower(name)].push_back(value);
    out["kms:encryptioncontextkeys"].push_back(name);
  }
  return out;
}

Status check_policy(const std::string& policy, const Caller& caller, bool lockout) {
  using iam::policy::Document;
  const auto document = Document::parse(policy, Document::Kind::kResource);
  if (!document.ok()) {
    return Error("MalformedPolicyDocumentException", document.error().message);
  }
  const iam::policy::FixedContext context(
      {{"aws:principalaccount", {caller.account_id}}, {"kms:calleraccount", {caller.account_id}}});
  const iam::policy::Request change{
      iam::principal_of(caller), "kms:PutKeyPolicy", "*", {}, context};
  if (lockout || (*document)->allows(change)) return {};
  return Error("MalformedPolicyDocumentException",
               "The new key policy will not allow you to update the key policy in the future.");
}

}  // namespace tarn::kms
