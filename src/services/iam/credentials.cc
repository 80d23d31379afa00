#include "services/iam/credentials.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "services/iam/policy/document.h"
#include "wire/json_value.h"

namespace tarn::iam {
namespace {

constexpr std::string_view kSessionPrefix = "session/";
constexpr std::string_view kKeyAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // base32, as AWS's key ids
constexpr std::string_view kSecretAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Records without terms stay of version 1.
constexpr int kPlain = 1;
constexpr int kWithTerms = 2;
constexpr int kWithMaker = 3;

bool has_terms(const Session& session) {
  return !session.policies.empty() || !session.tags.empty() || !session.role_arn.empty() ||
         !session.user_arn.empty();
}

int version_of(const Session& session) {
  if (!session.user_arn.empty()) return kWithMaker;
  return has_terms(session) ? kWithTerms : kPlain;
}

std::string to_session_record(const Credential& credential) {
  const Session& session = *credential.session;
  nlohmann::json policies = nlohmann::json::array();
  for (const auto& policy : session.policies) policies.push_back(policy->text());
  nlohmann::json out = {{"v", version_of(session)},
                        {"access_key_id", credential.access_key_id},
                        {"secret_access_key", credential.secret_access_key},
                        {"session_token", credential.session_token},
                        {"expires_ms", credential.expires->ms},
                        {"kind", static_cast<int>(credential.kind)},
                        {"account_id", credential.account_id},
                        {"arn", credential.arn},
                        {"user_id", credential.user_id}};
  if (has_terms(session)) {
    out["policies"] = std::move(policies);
    out["tags"] = session.tags;
    out["role_arn"] = session.role_arn;
    if (!session.user_arn.empty()) out["user_arn"] = session.user_arn;
  }
  return out.dump();
}

// A session's terms from its record. An empty text is the policy that allows nothing.
Result<std::shared_ptr<const Session>> session_of(const nlohmann::json& record) {
  auto out = std::make_shared<Session>();
  for (const auto& text : record.value("policies", nlohmann::json::array())) {
    if (text == "") {
      out->policies.push_back(policy::Document::nothing());
      continue;
    }
    TARN_TRY(auto document,
             policy::Document::parse(text.get<std::string>(), policy::Document::Kind::kIdentity));
    out->policies.push_back(std::move(document));
  }
  out->tags = record.value("tags", std::map<std::string, std::string>());
  out->role_arn = record.value("role_arn", "");
  out->user_arn = record.value("user_arn", "");
  return std::shared_ptr<const Session>(std::move(out));
}

Result<Credential> from_record(std::string_view record) {
  const auto parsed = wire::parse_json(record);
  const int version = parsed.is_object() ? parsed.value("v", 0) : 0;
  if (version < kPlain || version > kWithMaker)
    return Error(code::kCorrupt, "a record of temporary credentials is not readable");
  Credential out;
  out.access_key_id = parsed.value("access_key_id", "");
  out.secret_access_key = parsed.value("secret_access_key", "");
  out.session_token = parsed.value("session_token", "");
  out.expires = Timestamp{parsed.value("expires_ms", std::int64_t{0})};
  out.kind = static_cast<Caller::Kind>(parsed.value("kind", 0));
  out.account_id = parsed.value("account_id", "");
  out.arn = parsed.value("arn", "");
  out.user_id = parsed.value("user_id", "");
  TARN_TRY(out.session, session_of(parsed));
  return out;
}

std::optional<Credential> credential_of(const AccessKeyRecord& key) {
  if (!key.active) return std::nullopt;
  Credential out;
  out.access_key_id = key.id;
  out.secret_access_key = key.secret;
  out.kind = Caller::Kind::kUser;
  out.account_id = key.account;
  out.arn = key.arn;
  out.user_id = key.user_id;
  return out;
}

}  // namespace

Credentials::Credentials(store::Store& store, platform::Clock& clock, platform::Random& random,
                         RootKey root)
    : store_(store), clock_(clock), random_(random), access_keys_(store, clock, random) {
  root_.access_key_id = std::move(root.access_key_id);
  root_.secret_access_key = std::move(root.secret_access_key);
  root_.account_id = root.account_id;
  root_.kind = Caller::Kind::kRoot;
  root_.arn = fmt::format("arn:aws:iam::{}:root", root.account_id);
  root_.user_id = std::move(root.account_id);
}

Status Credentials::load() {
  TARN_CHECK(access_keys_.load());
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
  if (const auto key = access_keys_.find(access_key_id)) return credential_of(*key);
  const std::shared_lock lock(mutex_);
  const auto found = sessions_.find(std::string(access_key_id));
  if (found == sessions_.end()) return std::nullopt;
  return found->second;
}

void Credentials::sweep(store::Batch& batch) {
  const std::unique_lock lock(mutex_);
  if (sessions_.size() < sweep_at_) return;
  const Timestamp now = clock_.now();
  std::erase_if(sessions_, [&](const auto& entry) {
    if (*entry.second.expires >= now) return false;
    batch.remove(store::Space::kIam, std::string(kSessionPrefix) + entry.first);
    return true;
  });
  sweep_at_ = std::max(kSweepFrom, 2 * sessions_.size());
}

Result<Credential> Credentials::issue(Credential out, Session terms,
                                      std::chrono::seconds duration) {
  out.session = std::make_shared<const Session>(std::move(terms));
  out.access_key_id = "ASIA" + random_.text(16, kKeyAlphabet);
  out.secret_access_key = random_.text(40, kSecretAlphabet);
  out.session_token = random_.text(256, kSecretAlphabet);
  out.expires = clock_.now() + duration;
  store::Batch batch;
  sweep(batch);
  batch.put(store::Space::kIam, std::string(kSessionPrefix) + out.access_key_id,
            to_session_record(out));
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  sessions_.insert_or_assign(out.access_key_id, out);
  return out;
}

Result<Credential> Credentials::issue_session(const Credential& owner,
                                              std::chrono::seconds duration,
                                              std::shared_ptr<const policy::Document> policy) {
  Session terms = owner.session ? *owner.session : Session();
  if (policy) terms.policies.push_back(std::move(policy));
  return issue(owner, std::move(terms), duration);
}

Result<Credential> Credentials::issue_federated(const Credential& owner,
                                                std::chrono::seconds duration,
                                                const std::string& name,
                                                std::shared_ptr<const policy::Document> policy,
                                                std::map<std::string, std::string> tags) {
  Session terms = owner.session ? *owner.session : Session();
  terms.policies.push_back(policy ? std::move(policy) : policy::Document::nothing());
  terms.tags = std::move(tags);
  if (owner.kind == Caller::Kind::kUser) terms.user_arn = owner.arn;
  Credential keys = owner;
  keys.kind = Caller::Kind::kFederatedUser;
  keys.arn = fmt::format("arn:aws:sts::{}:federated-user/{}", owner.account_id, name);
  keys.user_id = fmt::format("{}:{}", owner.account_id, name);
  return issue(std::move(keys), std::move(terms), duration);
}

Result<Credential> Credentials::issue_role_session(const RoleRecord& role, const std::string& name,
                                                   std::chrono::seconds duration, Session terms) {
  terms.tags.insert(role.tags.begin(), role.tags.end());
  terms.role_arn = role.arn();
  Credential keys;
  keys.kind = Caller::Kind::kAssumedRole;
  keys.account_id = role.account;
  keys.arn = make_arn("sts", "", role.account, fmt::format("assumed-role/{}/{}", role.name, name));
  keys.user_id = fmt::format("{}:{}", role.id, name);
  return issue(std::move(keys), std::move(terms), duration);
}

Status Credentials::extend(const std::string& access_key_id, std::chrono::seconds duration) {
  std::optional<Credential> keys = find(access_key_id);
  if (!keys || !keys->expires)
    return Error(code::kNotFound, fmt::format("there are no temporary keys {}", access_key_id));
  keys->expires = clock_.now() + duration;
  store::Batch batch;
  batch.put(store::Space::kIam, std::string(kSessionPrefix) + access_key_id,
            to_session_record(*keys));
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  sessions_.insert_or_assign(access_key_id, *std::move(keys));
  return {};
}

Status Credentials::revoke(const std::string& access_key_id) {
  store::Batch batch;
  batch.remove(store::Space::kIam, std::string(kSessionPrefix) + access_key_id);
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  sessions_.erase(access_key_id);
  return {};
}

}  // namespace tarn::iam
