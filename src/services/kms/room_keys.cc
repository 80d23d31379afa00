#include "services/kms/room_keys.h"

#include <span>
#include <utility>

#include "services/kms/ciphertext.h"
#include "services/kms/faults.h"
#include "services/kms/policies.h"

namespace tarn::kms {
namespace {

constexpr std::size_t kDataKeyBytes = 32;

}  // namespace

Status RoomKeys::permit(const Caller& caller, std::string_view action, const Key& key,
                        const EncryptionContext& context) const {
  if (key.manager != Manager::kCustomer) return {};
  const iam::ConditionValues given = context_values(context);
  return authorizer_.check(caller, action, key.arn(), &given);
}

Result<std::string> RoomKeys::resolve(const Caller& caller, std::string_view key) {
  const Result<KeyView> found = ring_.find(caller, key);
  if (!found.ok()) {
    const auto unused = ring_.arn_of_unused(caller, key);
    return unused ? Result<std::string>(*unused) : found.error();
  }
  TARN_CHECK(usable(**found));
  return (*found)->arn();
}

Task<Result<DataKey>> RoomKeys::generate_data_key(Caller caller, std::string key,
                                                  EncryptionContext context) {
  Caller asking = caller;
  TARN_CO_TRY(const KeyView found, co_await ring_.obtain(std::move(asking), std::move(key)));
  TARN_CO_CHECK(permit(caller, "kms:GenerateDataKey", *found, context));
  TARN_CO_CHECK(usable(*found));
  DataKey out;
  out.key_arn = found->arn();
  out.plaintext.resize(kDataKeyBytes);
  random_.fill(std::as_writable_bytes(std::span(out.plaintext)));
  out.ciphertext = encrypt(random_, *found, out.plaintext, context);
  co_return out;
}

Result<std::string> RoomKeys::decrypt(const Caller& caller, std::string_view ciphertext,
                                      const EncryptionContext& context) {
  TARN_TRY(const KeyView maker, ring_.find_maker(ciphertext));
  TARN_CHECK(permit(caller, "kms:Decrypt", *maker, context));
  TARN_CHECK(usable(*maker));
  return kms::decrypt(*maker, ciphertext, context);
}

}  // namespace tarn::kms
