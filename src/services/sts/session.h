// The actions of STS about sessions. Internal to the room.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/sts/api.h"
#include "services/sts/service.h"

namespace tarn::sts {

// Needs no permission: it tells only what the caller's keys tell.
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)
Task<Result<GetCallerIdentityResponse>> handle(GetCallerIdentity, Sts& sts, const Caller& caller,
                                               GetCallerIdentityRequest input);

// The account of an access key of this server. Error: ValidationError (no such key).
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html)
Task<Result<GetAccessKeyInfoResponse>> handle(GetAccessKeyInfo, Sts& sts, const Caller& caller,
                                              GetAccessKeyInfoRequest input);

// Temporary keys of the caller, from 15 minutes to 36 hours, for the root user at most one hour and
// by default one. Errors: AccessDenied (the caller's keys are temporary themselves).
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html)
Task<Result<GetSessionTokenResponse>> handle(GetSessionToken, Sts& sts, const Caller& caller,
                                             GetSessionTokenRequest input);

// Temporary keys of a federated user, for as long: what both the caller may and the session policy
// allows; without a policy nothing but what policies of resources give to the federated user.
// Errors: AccessDenied (as above), those of session_policy, NotImplemented
// (MinimumSessionTokenSize).
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html)
Task<Result<GetFederationTokenResponse>> handle(GetFederationToken, Sts& sts, const Caller& caller,
                                                GetFederationTokenRequest input);

// Keys of a role, for at most its MaxSessionDuration: what its policies and the session's allow.
// Whether the caller may is for the role's trust policy and the caller's own to say, before this is
// called. Errors: AccessDenied (the root user), ValidationError (too long),
// MalformedPolicyDocument, NotImplemented (SerialNumber, SourceIdentity, TransitiveTagKeys).
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)
Task<Result<AssumeRoleResponse>> handle(AssumeRole, Sts& sts, const Caller& caller,
                                        AssumeRoleRequest input);

// Keys as the API gives them.
[[nodiscard]] Credentials to_wire(const iam::Credential& issued);

}  // namespace tarn::sts
