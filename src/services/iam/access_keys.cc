#include "services/iam/access_keys.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "wire/json_value.h"

namespace tarn::iam {
namespace {

using nlohmann::json;

constexpr std::string_view kAccessKeyPrefix = "access-key/";
constexpr std::string_view kIdLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kSecretLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string stored_key_of(const std::string& id) {
  return std::string(kAccessKeyPrefix) + id;
}

std::string record_of(const AccessKeyRecord& key) {
  return to_record({{"id", key.id},
                    {"secret", key.secret},
                    {"user", key.user},
                    {"active", key.active},
                    {"created", key.created.ms},
                    {"account", key.account},
                    {"arn", key.arn},
                    {"user_id", key.user_id}},
                   false);
}

Result<AccessKeyRecord> access_key_from(std::string_view record) {
  TARN_TRY(const json members, members_from(record, "access key"));
  AccessKeyRecord out;
  out.id = members.value("id", "");
  out.secret = members.value("secret", "");
  out.user = members.value("user", "");
  out.active = members.value("active", false);
  out.created.ms = members.value("created", std::int64_t{0});
  out.account = members.value("account", "");
  out.arn = members.value("arn", "");
  out.user_id = members.value("user_id", "");
  return out;
}

Error no_such_key(const std::string& id) {
  return {"NoSuchEntity", fmt::format("The Access Key with id {} cannot be found.", id)};
}

}  // namespace

Status AccessKeys::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kIam, kAccessKeyPrefix));
  for (const auto& [stored_key, record] : records) {
    TARN_TRY(AccessKeyRecord key, access_key_from(record));
    std::string id = key.id;
    keys_.insert_or_assign(std::move(id), std::move(key));
  }
  return {};
}

std::optional<AccessKeyRecord> AccessKeys::find(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(id);
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

std::vector<AccessKeyRecord> AccessKeys::of_user(std::string_view user) const {
  std::vector<AccessKeyRecord> out;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, key] : keys_) {
      if (key.user == user) out.push_back(key);
    }
  }
  std::sort(out.begin(), out.end(), [](const AccessKeyRecord& a, const AccessKeyRecord& b) {
    return a.created.ms < b.created.ms;
  });
  return out;
}

Result<AccessKeyRecord> AccessKeys::create(const UserRecord& user) {
  const std::lock_guard changing(changing_);
  if (of_user(user.name).size() >= kMostOfAUser) {
    return Error("LimitExceeded",
                 fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", kMostOfAUser));
  }
  AccessKeyRecord key;
  key.id = "AKIA" + random_.text(16, kIdLetters);
  key.secret = random_.text(40, kSecretLetters);
  key.user = user.name;
  key.created = clock_.now();
  key.account = user.account;
  key.arn = user.arn();
  key.user_id = user.id;
  store::Batch batch;
  batch.put(store::Space::kIam, stored_key_of(key.id), record_of(key));
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  keys_.insert_or_assign(key.id, key);
  return key;
}

Status AccessKeys::set_active(const std::string& user, const std::string& id, bool active) {
  const std::lock_guard changing(changing_);
  std::optional<AccessKeyRecord> key = find(id);
  if (!key || key->user != user) return no_such_key(id);
  key->active = active;
  store::Batch batch;
  batch.put(store::Space::kIam, stored_key_of(id), record_of(*key));
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  keys_.insert_or_assign(id, *std::move(key));
  return {};
}

Status AccessKeys::remove(const std::string& user, const std::string& id) {
  const std::lock_guard changing(changing_);
  const std::optional<AccessKeyRecord> key = find(id);
  if (!key || key->user != user) return no_such_key(id);
  store::Batch batch;
  batch.remove(store::Space::kIam, stored_key_of(id));
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  keys_.erase(id);
  return {};
}

}  // namespace tarn::iam
