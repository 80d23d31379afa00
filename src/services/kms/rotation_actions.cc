// EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand, ListKeyRotations.
//
// A rotation gives a key other material for what it encrypts from then on; the old opens what it
// closed. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "services/kms/actions.h"
#include "services/kms/faults.h"
#include "services/kms/request.h"

namespace tarn::kms {
namespace {

// https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
constexpr std::int32_t kUsualPeriod = 365;
// https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
constexpr std::ptrdiff_t kMostOnDemand = 25;
constexpr std::int32_t kRotationsPerPage = 100;

}  // namespace

Task<Result<wire::Unit>> handle(EnableKeyRotation, KmsService& kms, const Caller& caller,
                                EnableKeyRotationRequest input) {
  const std::int32_t period = input.rotation_period_in_days.value_or(kUsualPeriod);
  const Timestamp now = kms.platform().clock.now();
  std::function<Status(Key&)> edit = [period, now](Key& key) -> Status {
    TARN_CHECK(usable(key));
    key.rotation = {period, now + std::chrono::hours(24) * period};
    return {};
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DisableKeyRotation, KmsService& kms, const Caller& caller,
                                DisableKeyRotationRequest input) {
  std::function<Status(Key&)> edit = [](Key& key) -> Status {
    TARN_CHECK(usable(key));
    key.rotation = {};
    return {};
  };
  TARN_CO_CHECK(co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  co_return wire::Unit();
}

Task<Result<GetKeyRotationStatusResponse>> handle(GetKeyRotationStatus, KmsService& kms,
                                                  const Caller& caller,
                                                  GetKeyRotationStatusRequest input) {
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, input.key_id));
  TARN_CO_CHECK(changeable(*key));
  GetKeyRotationStatusResponse out;
  out.key_id = key->arn();
  out.key_rotation_enabled = key->rotation.period_days > 0;
  if (key->rotation.period_days > 0) {
    out.rotation_period_in_days = key->rotation.period_days;
    out.next_rotation_date = key->rotation.next;
  }
  co_return out;
}

Task<Result<RotateKeyOnDemandResponse>> handle(RotateKeyOnDemand, KmsService& kms,
                                               const Caller& caller,
                                               RotateKeyOnDemandRequest input) {
  std::function<Status(Key&)> edit = [&kms](Key& key) -> Status {
    TARN_CHECK(usable(key));
    const auto before = std::count_if(key.materials.begin(), key.materials.end(),
                                      [](const Material& material) { return material.on_demand; });
    if (before >= kMostOnDemand) {
      return Error("LimitExceededException",
                   fmt::format("{} was rotated on demand {} times, the most a key can be",
                               key.arn(), before));
    }
    kms.ring().add_material(key, true);
    return {};
  };
  TARN_CO_TRY(const KeyView key,
              co_await change_named(kms, caller, std::move(input.key_id), std::move(edit)));
  RotateKeyOnDemandResponse out;
  out.key_id = key->arn();
  co_return out;
}

Task<Result<ListKeyRotationsResponse>> handle(ListKeyRotations, KmsService& kms,
                                              const Caller& caller, ListKeyRotationsRequest input) {
  TARN_CO_TRY(const KeyView key, find_named(kms, caller, input.key_id));
  const bool first_too =
      input.include_key_material == values::include_key_material::kAllKeyMaterial;
  std::vector<RotationsListEntry> all;
  for (std::size_t i = first_too ? 0 : 1; i < key->materials.size(); ++i) {
    const Material& material = key->materials[i];
    RotationsListEntry& entry = all.emplace_back();
    entry.key_id = key->id;
    entry.key_material_id = material.id;
    entry.key_material_state = i + 1 == key->materials.size()
                                   ? values::key_material_state::kCurrent
                                   : values::key_material_state::kNonCurrent;
    if (i == 0) continue;  // it was made with the key
    entry.rotation_date = material.created;
    entry.rotation_type =
        material.on_demand ? values::rotation_type::kOnDemand : values::rotation_type::kAutomatic;
  }
  ListKeyRotationsResponse out;
  std::vector<RotationsListEntry> page;
  // In the order of the material.
  TARN_CO_CHECK(take_page(
      all, input.marker, static_cast<std::size_t>(input.limit.value_or(kRotationsPerPage)), out,
      page, [&](const RotationsListEntry& entry) {
        const auto place = std::find_if(all.begin(), all.end(), [&](const auto& other) {
          return other.key_material_id == entry.key_material_id;
        });
        return fmt::format("{:06}", place - all.begin());
      }));
  out.rotations = std::move(page);
  co_return out;
}

}  // namespace tarn::kms
