// CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey.
#include <utility>

#include "services/iam/identity_policies.h"

namespace tarn::iam {
namespace {

std::string status_of(const AccessKeyRecord& key) {
  return key.active ? "Active" : "Inactive";
}

// The user whose keys a call is about. Errors: NoSuchEntity, ValidationError.
Result<Users::User> user_of(const Iam& iam, const Caller& caller,
                            const std::optional<std::string>& name) {
  TARN_TRY(const std::string named, user_or_caller(caller, name));
  return existing<UserKind>(iam, named);
}

}  // namespace

Task<Result<CreateAccessKeyResponse>> handle(CreateAccessKey /*tag*/, Iam& iam,
                                             const Caller& caller, CreateAccessKeyRequest input) {
  TARN_CO_TRY(const Users::User user, user_of(iam, caller, input.user_name));
  const auto work = [&] {
    return iam.access_keys.create(*user);
  };
  TARN_CO_TRY(const AccessKeyRecord key, co_await iam.platform.tasks.offload(work));
  CreateAccessKeyResponse out;
  out.access_key.user_name = key.user;
  out.access_key.access_key_id = key.id;
  out.access_key.status = status_of(key);
  out.access_key.secret_access_key = key.secret;
  out.access_key.create_date = key.created;
  co_return out;
}

Task<Result<ListAccessKeysResponse>> handle(ListAccessKeys /*tag*/, Iam& iam, const Caller& caller,
                                            ListAccessKeysRequest input) {
  TARN_CO_TRY(const Users::User user, user_of(iam, caller, input.user_name));
  std::vector<AccessKeyMetadata> all;
  for (const AccessKeyRecord& key : iam.access_keys.of_user(user->name)) {
    AccessKeyMetadata& each = all.emplace_back();
    each.user_name = key.user;
    each.access_key_id = key.id;
    each.status = status_of(key);
    each.create_date = key.created;
  }
  ListAccessKeysResponse out;
  TARN_CO_TRY(out.access_key_metadata,
              take_page(std::move(all), input.marker, input.max_items, out));
  co_return out;
}

Task<Result<wire::Unit>> handle(UpdateAccessKey /*tag*/, Iam& iam, const Caller& caller,
                                UpdateAccessKeyRequest input) {
  TARN_CO_TRY(const Users::User user, user_of(iam, caller, input.user_name));
  const auto work = [&] {
    return iam.access_keys.set_active(user->name, input.access_key_id, input.status == "Active");
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteAccessKey /*tag*/, Iam& iam, const Caller& caller,
                                DeleteAccessKeyRequest input) {
  TARN_CO_TRY(const Users::User user, user_of(iam, caller, input.user_name));
  const auto work = [&] {
    return iam.access_keys.remove(user->name, input.access_key_id);
  };
  TARN_CO_CHECK(co_await iam.platform.tasks.offload(work));
  co_return wire::Unit();
}

}  // namespace tarn::iam
