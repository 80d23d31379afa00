// The handlers of every action. Each .cc names the actions it holds.
//
// Place: services/secretsmanager. Threads: as service.h says. Errors of each: those that the model
// and the overlay declare.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/secretsmanager/api.h"
#include "services/secretsmanager/request.h"
#include "services/secretsmanager/service.h"

namespace tarn::secretsmanager {

// secret_actions.cc
Task<Result<CreateSecretResponse>> handle(CreateSecret, SecretsManager&, const Caller&,
                                          CreateSecretRequest);
Task<Result<UpdateSecretResponse>> handle(UpdateSecret, SecretsManager&, const Caller&,
                                          UpdateSecretRequest);
Task<Result<DescribeSecretResponse>> handle(DescribeSecret, SecretsManager&, const Caller&,
                                            DescribeSecretRequest);
Task<Result<ListSecretsResponse>> handle(ListSecrets, SecretsManager&, const Caller&,
                                         ListSecretsRequest);
Task<Result<DeleteSecretResponse>> handle(DeleteSecret, SecretsManager&, const Caller&,
                                          DeleteSecretRequest);
Task<Result<RestoreSecretResponse>> handle(RestoreSecret, SecretsManager&, const Caller&,
                                           RestoreSecretRequest);
Task<Result<wire::Unit>> handle(TagResource, SecretsManager&, const Caller&, TagResourceRequest);
Task<Result<wire::Unit>> handle(UntagResource, SecretsManager&, const Caller&,
                                UntagResourceRequest);

// value_actions.cc
Task<Result<GetSecretValueResponse>> handle(GetSecretValue, SecretsManager&, const Caller&,
                                            GetSecretValueRequest);
Task<Result<PutSecretValueResponse>> handle(PutSecretValue, SecretsManager&, const Caller&,
                                            PutSecretValueRequest);
Task<Result<ListSecretVersionIdsResponse>> handle(ListSecretVersionIds, SecretsManager&,
                                                  const Caller&, ListSecretVersionIdsRequest);
Task<Result<UpdateSecretVersionStageResponse>> handle(UpdateSecretVersionStage, SecretsManager&,
                                                      const Caller&,
                                                      UpdateSecretVersionStageRequest);
Task<Result<GetRandomPasswordResponse>> handle(GetRandomPassword, SecretsManager&, const Caller&,
                                               GetRandomPasswordRequest);

}  // namespace tarn::secretsmanager
