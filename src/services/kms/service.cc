#include "services/kms/service.h"

#include <utility>

#include "services/kms/actions.h"

namespace tarn::kms {
namespace {

using Actions = gateway::ActionList<
    KmsService, CreateKey, DescribeKey, ListKeys, UpdateKeyDescription, EnableKey, DisableKey,
    ScheduleKeyDeletion, CancelKeyDeletion, CreateAlias, UpdateAlias, DeleteAlias, ListAliases,
    Encrypt, Decrypt, ReEncrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom,
    GetKeyPolicy, PutKeyPolicy, ListKeyPolicies, TagResource, UntagResource, ListResourceTags,
    EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand,
    ListKeyRotations, CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant>;

}  // namespace

KmsService::KmsService(platform::Platform platform, store::Store& store,
                       const iam::Authorizer& authorizer, std::string root_key_path)
    : platform_(platform),
      store_(store),
      authorizer_(authorizer),
      root_key_path_(std::move(root_key_path)) {}

Task<Status> KmsService::start() {
  const auto open = [this]() -> Status {
    TARN_TRY(RootKey root,
             RootKey::open(platform_.files, platform_.random, store_, root_key_path_));
    ring_ = std::make_unique<KeyRing>(platform_, store_, std::move(root));
    keys_ = std::make_unique<RoomKeys>(*ring_, authorizer_, platform_.random);
    policies_ = std::make_unique<KeyPolicies>(*ring_);
    return ring_->load();
  };
  co_return co_await platform_.tasks.offload(open);
}

const wire::ServiceModel& KmsService::model() const {
  return service_model();
}

std::span<const gateway::Action> KmsService::actions() const {
  return Actions::table();
}

}  // namespace tarn::kms
