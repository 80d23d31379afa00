#include "services/iam/credentials.h"

#include <mutex>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tarn::iam {
namespace {

constexpr std::string_view kSessionPrefix = "session/";
constexpr std::string_view kKeyAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // base32, as AWS's key ids
constexpr std::string_view kSecretAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_record(const Credential& credential) {
  return nlohmann::json{{"v", 1},
                        {"access_key_id", credential.access_key_id},
                        {"secret_access_key", credential.secret_access_key},
                        {"session_token", credential.session_token},
                        {"expires_ms", credential.expires->ms},
                        {"kind", static_cast<int>(credential.kind)},
                        {"account_id", credential.account_id},
                        {"arn", credential.arn},
                        {"user_id", credential.user_id}}
      .dump();
}

Result<Credential> from_record(std::string_view record) {
  const auto json = nlohmann::json::parse(record, nullptr, false);
  if (json.is_discarded() || json.value("v", 0) != 1)
    return Error(code::kCorrupt, "a record of temporary credentials is not readable");
  Credential out;
  out.access_key_id = json.value("access_key_id", "");
  out.secret_access_key = json.value("secret_access_key", "");
  out.session_token = json.value("session_token", "");
  out.expires = Timestamp{json.value("expires_ms", std::int64_t{0})};
  out.kind = static_cast<Caller::Kind>(json.value("kind", 0));
  out.account_id = json.value("account_id", "");
  out.arn = json.value("arn", "");
  out.user_id = json.value("user_id", "");
  return out;
}

}  // namespace

Credentials::Credentials(store::Store& store, platform::Clock& clock, platform::Random& random,
                         RootKey root)
    : store_(store), clock_(clock), random_(random) {
  root_.access_key_id = std::move(root.access_key_id);
  root_.secret_access_key = std::move(root.secret_access_key);
  root_.account_id = root.account_id;
  root_.kind = Caller::Kind::kRoot;
  root_.arn = fmt::format("arn:aws:iam::{}:root", root.account_id);
  root_.user_id = std::move(root.account_id);
}

Status Credentials::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kIam, kSessionPrefix));
  store::Batch expired;
  const std::unique_lock lock(mutex_);
  for (const auto& [key, record] : records) {
    TARN_TRY(auto credential, from_record(record));
    if (*credential.expires < clock_.now()) {
      expired.remove(store::Space::kIam, key);
    } else {
      auto id = credential.access_key_id;
      sessions_.insert_or_assign(std::move(id), std::move(credential));
    }
  }
  return expired.empty() ? Status() : store_.commit(expired);
}

std::optional<Credential> Credentials::find(std::string_view access_key_id) const {
  if (access_key_id == root_.access_key_id) return root_;
  const std::shared_lock lock(mutex_);
  const auto found = sessions_.find(std::string(access_key_id));
  if (found == sessions_.end()) return std::nullopt;
  return found->second;
}

Result<Credential> Credentials::issue_session(const Credential& owner,
                                              std::chrono::seconds duration) {
  Credential out = owner;
  out.access_key_id = "ASIA" + random_.text(16, kKeyAlphabet);
  out.secret_access_key = random_.text(40, kSecretAlphabet);
  out.session_token = random_.text(256, kSecretAlphabet);
  out.expires = clock_.now() + duration;
  store::Batch batch;
  batch.put(store::Space::kIam, std::string(kSessionPrefix) + out.access_key_id, to_record(out));
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  sessions_.insert_or_assign(out.access_key_id, out);
  return out;
}

}  // namespace tarn::iam
