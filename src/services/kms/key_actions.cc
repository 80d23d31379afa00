// CreateKey, DescribeKey, ListKeys, UpdateKeyDescription, EnableKey, DisableKey,
// ScheduleKeyDeletion, CancelKeyDeletion.
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "services/kms/actions.h"
#include "services/kms/faults.h"
#include "services/kms/policies.h"
#include "services/kms/request.h"

namespace tarn::kms {
namespace {

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html: 7 to 30 days,
// which the model leaves open.
constexpr std::int32_t kLeastWindow = 7;
constexpr std::int32_t kMostWindow = 30;
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
constexpr std::int32_t kKeysPerPage = 100;

std::string_view state_name(KeyState state) {
  switch (state) {
    case KeyState::kEnabled: return values::key_state::kEnabled;
    case KeyState::kDisabled: return values::key_state::kDisabled;
    case KeyState::kPendingDeletion: break;
  }
  return values::key_state::kPendingDeletion;
}

KeyMetadata describe(const Key& key) {
  KeyMetadata out;
  out.aws_account_id = key.account;
  out.key_id = key.id;
  out.arn = key.arn();
  out.creation_date = key.created;
  out.enabled = key.state == KeyState::kEnabled;
  out.description = key.description;
  out.key_usage = values::key_usage_type::kEncryptDecrypt;
  out.key_state = state_name(key.state);
  if (key.state == KeyState::kPendingDeletion) out.deletion_date = key.deletion;
  out.origin = values::origin_type::kAwsKms;
  out.key_manager = key.manager == Manager::kCustomer ? values::key_manager_type::kCustomer
                                                      : values::key_manager_type::kAws;
  out.customer_master_key_spec = values::customer_master_key_spec::kSymmetricDefault;
  out.key_spec = values::key_spec::kSymmetricDefault;
  out.encryption_algorithms.emplace().emplace_back(
      values::encryption_algorithm_spec::kSymmetricDefault);
  out.multi_region = false;
  out.current_key_material_id = key.materials.back().id;
  return out;
}

Status refuse_other(const std::optional<std::string>& given, std::string_view only,
                    std::string_view parameter) {
  if (!given || *given == only) return {};
  return Error("NotImplemented",
               fmt::format("{} {} is not implemented by tarn: use {}", parameter, *given, only));
}

// What keys tarn does not make. Error: NotImplemented.
Status refuse_other_kinds(const CreateKeyRequest& input) {
  TARN_CHECK(refuse_other(input.key_spec, values::key_spec::kSymmetricDefault, "KeySpec"));
  TARN_CHECK(refuse_other(input.customer_master_key_spec,
                          values::customer_master_key_spec::kSymmetricDefault,
                          "CustomerMasterKeySpec"));
  TARN_CHECK(refuse_other(input.key_usage, values::key_usage_type::kEncryptDecrypt, "KeyUsage"));
  TARN_CHECK(refuse_other(input.origin, values::origin_type::kAwsKms, "Origin"));
  TARN_CHECK(refuse(input.custom_key_store_id.has_value(), "CustomKeyStoreId"));
  TARN_CHECK(refuse(input.xks_key_id.has_value(), "XksKeyId"));
  return refuse(input.multi_region.value_or(false), "MultiRegion");
}

}  // namespace

Task<Result<CreateKeyResponse>> handle(CreateKey, KmsService& kms, const Caller& caller,
                                       CreateKeyRequest input) {
  TARN_CO_CHECK(refuse_other_kinds(input));
  NewKey wanted;
  wanted.description = input.description.value_or("");
  wanted.policy = input.policy ? *input.policy : default_policy(caller.account_id);
  TARN_CO_CHECK(check_policy(wanted.policy, caller,
                             input.bypass_policy_lockout_safety_check.value_or(false)));
  if (input.tags) TARN_CO_CHECK(add_tags(caller, *input.tags, wanted.tags));
  auto work = [&] {
    return kms.ring().create(caller, std::move(wanted));
  };
  TARN_CO_TRY(const KeyView key, co_await kms.platform().tasks.offload(work));
  CreateKeyResponse out;
  out.key_metadata = describe(*key);
  co_return out;
}

Task<Result<DescribeKeyResponse>> handle(DescribeKey, KmsService& kms, const Caller& caller,
                                         DescribeKeyRequest input) {
  TARN_CO_CHECK(check_grant_tokens(kms, input.grant_tokens));
  TARN_CO_TRY(const KeyView key, co_await obtain_named(kms, caller, std::move(input.key_id)));
  DescribeKeyResponse out;
  out.key_metadata = describe(*key);
  co_return out;
}

Task<Result<ListKeysResponse>> handle(ListKeys, KmsService& kms, const Caller& caller,
                                      ListKeysRequest input) {
  ListKeysResponse out;
  std::vector<KeyView> page;
  TARN_CO_CHECK(take_page(kms.ring().keys(caller), input.marker,
                          static_cast<std::size_t>(input.limit.value_or(kKeysPerPage)), out, page,
                          [](const KeyView& key) { return key->id; }));
  out.keys.emplace();
  for (const KeyView& key : page) {
    KeyListEntry& entry = out.keys->emplace_back();
    entry.key_id = key->id;
    entry.key_arn = key->arn();
  }
  co_return out;
}

Task<Result<wire::Unit>> handle(UpdateKeyDescription, KmsService& kms, const Caller& caller,
                                UpdateKeyDescriptionRequest input) {
  std::function<Status(Key&)> edit = [&input](Key& key) -> Status {
    TARN_CHECK(changeable(key));
    key.description = input.description;
    return {};
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, input.key_id, std::move(edit)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(EnableKey, KmsService& kms, const Caller& caller,
                                EnableKeyRequest input) {
  std::function<Status(Key&)> edit = [](Key& key) -> Status {
    TARN_CHECK(changeable(key));
    key.state = KeyState::kEnabled;
    return {};
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DisableKey, KmsService& kms, const Caller& caller,
                                DisableKeyRequest input) {
  std::function<Status(Key&)> edit = [](Key& key) -> Status {
    TARN_CHECK(changeable(key));
    key.state = KeyState::kDisabled;
    return {};
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  co_return wire::Unit();
}

Task<Result<ScheduleKeyDeletionResponse>> handle(ScheduleKeyDeletion, KmsService& kms,
                                                 const Caller& caller,
                                                 ScheduleKeyDeletionRequest input) {
  const std::int32_t days = input.pending_window_in_days.value_or(kMostWindow);
  if (days < kLeastWindow || days > kMostWindow) {
    co_return Error("ValidationException",
                    fmt::format("PendingWindowInDays {} is not between {} and {}", days,
                                kLeastWindow, kMostWindow));
  }
  const Timestamp now = kms.platform().clock.now();
  std::function<Status(Key&)> edit = [days, now](Key& key) -> Status {
    TARN_CHECK(changeable(key));
    key.state = KeyState::kPendingDeletion;
    key.window_days = days;
    key.deletion = now + std::chrono::hours(24) * days;
    return {};
  };
  TARN_CO_TRY(const KeyView key,
              co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  ScheduleKeyDeletionResponse out;
  out.key_id = key->arn();
  out.deletion_date = key->deletion;
  out.key_state = state_name(key->state);
  out.pending_window_in_days = key->window_days;
  co_return out;
}

Task<Result<CancelKeyDeletionResponse>> handle(CancelKeyDeletion, KmsService& kms,
                                               const Caller& caller,
                                               CancelKeyDeletionRequest input) {
  std::function<Status(Key&)> edit = [](Key& key) -> Status {
    if (key.state != KeyState::kPendingDeletion) {
      return invalid_state(key, "is not pending deletion.");
    }
    key.state = KeyState::kDisabled;
    key.window_days = 0;
    key.deletion = {};
    return {};
  };
  TARN_CO_TRY(const KeyView key,
              co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  CancelKeyDeletionResponse out;
  out.key_id = key->arn();
  co_return out;
}

}  // namespace tarn::kms
