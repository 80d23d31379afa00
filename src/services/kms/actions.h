// The handlers of every action, so that service.cc can list them. Each .cc names the actions it
// holds.
//
// Place: services/kms. Threads: as service.h says. Errors of each: those that the model and the
// overlay declare.
#pragma once

#include "services/kms/api.h"
#include "services/kms/service.h"

namespace tarn::kms {

// key_actions.cc
Task<Result<CreateKeyResponse>> handle(CreateKey, KmsService&, const Caller&, CreateKeyRequest);
Task<Result<DescribeKeyResponse>> handle(DescribeKey, KmsService&, const Caller&,
                                         DescribeKeyRequest);
Task<Result<ListKeysResponse>> handle(ListKeys, KmsService&, const Caller&, ListKeysRequest);
Task<Result<wire::Unit>> handle(UpdateKeyDescription, KmsService&, const Caller&,
                                UpdateKeyDescriptionRequest);
Task<Result<wire::Unit>> handle(EnableKey, KmsService&, const Caller&, EnableKeyRequest);
Task<Result<wire::Unit>> handle(DisableKey, KmsService&, const Caller&, DisableKeyRequest);
Task<Result<ScheduleKeyDeletionResponse>> handle(ScheduleKeyDeletion, KmsService&, const Caller&,
                                                 ScheduleKeyDeletionRequest);
Task<Result<CancelKeyDeletionResponse>> handle(CancelKeyDeletion, KmsService&, const Caller&,
                                               CancelKeyDeletionRequest);

// alias_actions.cc
Task<Result<wire::Unit>> handle(CreateAlias, KmsService&, const Caller&, CreateAliasRequest);
Task<Result<wire::Unit>> handle(UpdateAlias, KmsService&, const Caller&, UpdateAliasRequest);
Task<Result<wire::Unit>> handle(DeleteAlias, KmsService&, const Caller&, DeleteAliasRequest);
Task<Result<ListAliasesResponse>> handle(ListAliases, KmsService&, const Caller&,
                                         ListAliasesRequest);

// crypto_actions.cc
Task<Result<EncryptResponse>> handle(Encrypt, KmsService&, const Caller&, EncryptRequest);
Task<Result<DecryptResponse>> handle(Decrypt, KmsService&, const Caller&, DecryptRequest);
Task<Result<ReEncryptResponse>> handle(ReEncrypt, KmsService&, const Caller&, ReEncryptRequest);
Task<Result<GenerateDataKeyResponse>> handle(GenerateDataKey, KmsService&, const Caller&,
                                             GenerateDataKeyRequest);
Task<Result<GenerateDataKeyWithoutPlaintextResponse>> handle(
    GenerateDataKeyWithoutPlaintext, KmsService&, const Caller&,
    GenerateDataKeyWithoutPlaintextRequest);
Task<Result<GenerateRandomResponse>> handle(GenerateRandom, KmsService&, const Caller&,
                                            GenerateRandomRequest);

// policy_actions.cc
Task<Result<GetKeyPolicyResponse>> handle(GetKeyPolicy, KmsService&, const Caller&,
                                          GetKeyPolicyRequest);
Task<Result<wire::Unit>> handle(PutKeyPolicy, KmsService&, const Caller&, PutKeyPolicyRequest);
Task<Result<ListKeyPoliciesResponse>> handle(ListKeyPolicies, KmsService&, const Caller&,
                                             ListKeyPoliciesRequest);

// grant_actions.cc
Task<Result<CreateGrantResponse>> handle(CreateGrant, KmsService&, const Caller&,
                                         CreateGrantRequest);
Task<Result<ListGrantsResponse>> handle(ListGrants, KmsService&, const Caller&, ListGrantsRequest);
Task<Result<ListGrantsResponse>> handle(ListRetirableGrants, KmsService&, const Caller&,
                                        ListRetirableGrantsRequest);
Task<Result<wire::Unit>> handle(RetireGrant, KmsService&, const Caller&, RetireGrantRequest);
Task<Result<wire::Unit>> handle(RevokeGrant, KmsService&, const Caller&, RevokeGrantRequest);

// tag_actions.cc
Task<Result<wire::Unit>> handle(TagResource, KmsService&, const Caller&, TagResourceRequest);
Task<Result<wire::Unit>> handle(UntagResource, KmsService&, const Caller&, UntagResourceRequest);
Task<Result<ListResourceTagsResponse>> handle(ListResourceTags, KmsService&, const Caller&,
                                              ListResourceTagsRequest);

// rotation_actions.cc
Task<Result<wire::Unit>> handle(EnableKeyRotation, KmsService&, const Caller&,
                                EnableKeyRotationRequest);
Task<Result<wire::Unit>> handle(DisableKeyRotation, KmsService&, const Caller&,
                                DisableKeyRotationRequest);
Task<Result<GetKeyRotationStatusResponse>> handle(GetKeyRotationStatus, KmsService&, const Caller&,
                                                  GetKeyRotationStatusRequest);
Task<Result<RotateKeyOnDemandResponse>> handle(RotateKeyOnDemand, KmsService&, const Caller&,
                                               RotateKeyOnDemandRequest);
Task<Result<ListKeyRotationsResponse>> handle(ListKeyRotations, KmsService&, const Caller&,
                                              ListKeyRotationsRequest);

}  // namespace tarn::kms
