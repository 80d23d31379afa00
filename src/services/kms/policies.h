// The policies that keys have unless they are given another.
//
// Place: services/kms. Threads: pure functions.
#pragma once

#include <string>

#include "base/result.h"
#include "gateway/service.h"
#include "services/iam/authorizer.h"
#include "services/kms/key.h"
#include "services/kms/keys.h"

namespace tarn::kms {

// Of a customer's key made by the API: the account decides by IAM.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
[[nodiscard]] std::string default_policy(const std::string& account);

// Of an AWS managed key: its service uses it for the callers of this account, who may look at it.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
[[nodiscard]] std::string managed_policy(const Key& key);

// What policies and grants may ask of an encryption context: kms:EncryptionContext:NAME,
// kms:EncryptionContextKeys.
[[nodiscard]] iam::ConditionValues context_values(const EncryptionContext& context);

// May `policy` be the policy of `key_arn`? With `lockout` true (BypassPolicyLockoutSafetyCheck) it
// may take from `caller` the right to change it again. Error: MalformedPolicyDocumentException.
[[nodiscard]] Status check_policy(const std::string& policy, const Caller& caller, bool lockout);

}  // namespace tarn::kms
