#include "services/kms/key_ring.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "services/kms/ciphertext.h"
#include "services/kms/faults.h"
#include "services/kms/policies.h"
#include "services/kms/record.h"
#include "wire/encoding.h"

namespace tarn::kms {
namespace {

using store::Space;

constexpr std::size_t kMaterialBytes = 32;
constexpr std::int32_t kYear = 365;
// https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
constexpr std::size_t kMaxAliases = 50;

constexpr std::string_view kAlias = "alias/";
constexpr std::string_view kManagedAlias = "alias/aws/";
constexpr std::string_view kOwned = "aws-owned/";
// Services whose AWS managed keys are there when they are asked for.
constexpr std::array<std::string_view, 10> kServices = {
    "dynamodb", "ebs", "glue", "kinesis", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm"};

Timestamp days_after(Timestamp time, std::int32_t days) {
  return time + std::chrono::hours(24) * days;
}

// An AWS managed or owned key, by the name that says so.
struct ServiceKey {
  Manager manager = Manager::kAws;
  std::string service;
};

std::optional<ServiceKey> service_key(std::string_view name) {
  if (name.starts_with(kOwned)) {
    return ServiceKey{Manager::kOwned, std::string(name.substr(kOwned.size()))};
  }
  if (!name.starts_with(kManagedAlias)) return std::nullopt;
  const std::string_view service = name.substr(kManagedAlias.size());
  if (std::find(kServices.begin(), kServices.end(), service) == kServices.end()) {
    return std::nullopt;
  }
  return ServiceKey{Manager::kAws, std::string(service)};
}

// "arn:aws:kms:REGION:ACCOUNT:RESOURCE", else the caller's with the name as its resource.
struct Named {
  std::string_view region;
  std::string_view account;
  std::string_view resource;
};

Result<Named> read_name(const Caller& caller, std::string_view name) {
  if (!name.starts_with("arn:")) return Named{caller.region, caller.account_id, name};
  std::array<std::string_view, 5> parts;
  std::string_view rest = name;
  for (std::string_view& part : parts) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) {
      return Error("InvalidArnException", fmt::format("Invalid arn {}", name));
    }
    part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (parts[2] != "kms") return Error("InvalidArnException", fmt::format("Invalid arn {}", name));
  constexpr std::string_view kKey = "key/";
  return Named{parts[3], parts[4], rest.starts_with(kKey) ? rest.substr(kKey.size()) : rest};
}

// With its policy read. One that does not read, of an earlier version, allows the account only.
KeyView publishable(Key key) {
  key.rules = rules_of(key);
  return std::make_shared<const Key>(std::move(key));
}

Alias alias_of(const Caller& caller, std::string name) {
  Alias alias;
  alias.account = caller.account_id;
  alias.region = caller.region;
  alias.name = std::move(name);
  return alias;
}

}  // namespace

KeyRing::KeyRing(platform::Platform platform, store::Store& store, RootKey root)
    : platform_(platform), store_(store), root_(std::move(root)) {}

Status KeyRing::load() {
  const std::lock_guard writing(writing_);
  {
    const std::unique_lock lock(mutex_);
    TARN_TRY(const auto keys, store_.scan(Space::kKms, kKeyPrefix));
    for (const auto& [name, value] : keys) {
      TARN_TRY(Key key, decode_key(value, root_));
      std::string id = key.id;
      keys_[std::move(id)] = publishable(std::move(key));
    }
    TARN_TRY(const auto aliases, store_.scan(Space::kKms, kAliasPrefix));
    for (const auto& [name, value] : aliases) {
      TARN_TRY(aliases_[name], decode_alias(value));
    }
  }
  return commit({}, nullptr, std::nullopt);
}

Result<KeyView> KeyRing::find_id(std::string_view account, std::string_view region,
                                 std::string_view id) const {
  {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(std::string(id));
    if (found != keys_.end() && found->second->region == region &&
        found->second->account == account && !found->second->gone(platform_.clock.now())) {
      return found->second;
    }
  }
  return key_not_found(make_arn("kms", region, account, "key/" + std::string(id)));
}

Result<KeyView> KeyRing::find_alias(std::string_view account, std::string_view region,
                                    std::string_view name) const {
  Alias wanted;
  wanted.account = account;
  wanted.region = region;
  wanted.name = name;
  const auto alias = find_stored(wanted);
  if (!alias) return alias_not_found(wanted.arn());
  return find_id(account, region, alias->key_id);
}

Result<KeyView> KeyRing::find(const Caller& caller, std::string_view name) const {
  TARN_TRY(const Named named, read_name(caller, name));
  const auto& [region, account, resource] = named;
  if (resource.starts_with(kAlias)) return find_alias(account, region, resource);
  if (resource.starts_with(kOwned)) {
    return find_id(account, region, service_key_id(caller, resource));
  }
  return find_id(account, region, resource);
}

Result<KeyView> KeyRing::find_maker(std::string_view ciphertext) const {
  const auto name = read_name(ciphertext);
  if (!name) return invalid_ciphertext();
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(name->key_id);
  if (found == keys_.end() || found->second->gone(platform_.clock.now())) {
    return invalid_ciphertext();
  }
  return found->second;
}

bool KeyRing::has_grant(const GrantPlace& place) const {
  const std::shared_lock lock(mutex_);
  const auto found = keys_.find(place.key_id);
  if (found == keys_.end()) return false;
  const std::vector<Grant>& grants = found->second->grants;
  return std::any_of(grants.begin(), grants.end(),
                     [&](const Grant& grant) { return grant.id == place.grant_id; });
}

Task<Result<KeyView>> KeyRing::obtain(Caller caller, std::string name) {
  Result<KeyView> found = find(caller, name);
  if (!found.ok() && found.error().is("NotFoundException") && service_key(name)) {
    auto work = [this, &caller, &name] {
      return make_service_key(caller, name);
    };
    co_return co_await platform_.tasks.offload(work);
  }
  if (found.ok() && (*found)->state == KeyState::kEnabled &&
      (*found)->rotation_due(platform_.clock.now())) {
    auto work = [this, &found] {
      return rotate((*found)->id);
    };
    co_return co_await platform_.tasks.offload(work);
  }
  co_return found;
}

std::optional<std::string> KeyRing::arn_of_unused(const Caller& caller,
                                                  std::string_view name) const {
  if (!service_key(name)) return std::nullopt;
  return make_arn("kms", caller.region, caller.account_id, "key/" + service_key_id(caller, name));
}

std::vector<KeyView> KeyRing::keys(const Caller& caller) const {
  std::vector<KeyView> out;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, key] : keys_) {
      if (key->account == caller.account_id && key->region == caller.region &&
          key->manager != Manager::kOwned && !key->gone(platform_.clock.now())) {
        out.push_back(key);
      }
    }
  }
  std::sort(out.begin(), out.end(),
            [](const KeyView& a, const KeyView& b) { return a->id < b->id; });
  return out;
}

std::vector<Alias> KeyRing::aliases(const Caller& caller) const {
  std::vector<Alias> out;
  const std::shared_lock lock(mutex_);
  for (const auto& [name, alias] : aliases_) {
    if (alias.account != caller.account_id || alias.region != caller.region) continue;
    const auto key = keys_.find(alias.key_id);
    if (key != keys_.end() && !key->second->gone(platform_.clock.now())) out.push_back(alias);
  }
  return out;
}

Key KeyRing::fresh(const Caller& caller) {
  Key key;
  key.id = platform_.random.uuid();
  key.account = caller.account_id;
  key.region = caller.region;
  key.created = platform_.clock.now();
  add_material(key, false);
  return key;
}

void KeyRing::add_material(Key& key, bool on_demand) {
  Material material;
  material.id = wire::to_hex(platform_.random.bytes(kMaterialBytes));
  material.created = platform_.clock.now();
  material.on_demand = on_demand;
  material.bytes = platform_.random.bytes(kMaterialBytes);
  key.materials.push_back(std::move(material));
}

Result<KeyView> KeyRing::create(const Caller& caller, NewKey wanted) {
  Key key = fresh(caller);
  key.description = std::move(wanted.description);
  key.policy = std::move(wanted.policy);
  key.tags = std::move(wanted.tags);
  const KeyView made = publishable(std::move(key));
  const std::lock_guard writing(writing_);
  TARN_CHECK(commit({}, made, std::nullopt));
  return made;
}

// Follows from the root key, so that it is known before the key is made.
std::string KeyRing::service_key_id(const Caller& caller, std::string_view name) const {
  const std::string purpose =
      fmt::format("tarn kms service key/{}/{}/{}", caller.account_id, caller.region, name);
  return uuid_text(root_.derive(purpose).substr(0, 16));
}

Result<KeyView> KeyRing::make_service_key(const Caller& caller, std::string_view name) {
  const std::lock_guard writing(writing_);
  if (const Result<KeyView> found = find(caller, name); found.ok()) return *found;
  const auto wanted = service_key(name);
  if (!wanted) return alias_not_found(std::string(name));
  Key key = fresh(caller);
  key.id = service_key_id(caller, name);
  key.manager = wanted->manager;
  key.service = wanted->service;
  key.description = fmt::format("Default key that protects my {} data when no other key is defined",
                                wanted->service);
  key.policy = managed_policy(key);
  key.rotation = {kYear, days_after(key.created, kYear)};
  std::optional<Alias> alias;
  if (key.manager == Manager::kAws) {
    alias = alias_of(caller, std::string(name));
    alias->key_id = key.id;
    alias->created = alias->updated = key.created;
  }
  const KeyView made = publishable(std::move(key));
  TARN_CHECK(commit({}, made, alias));
  return made;
}

Result<KeyView> KeyRing::change(const std::string& id, const std::function<Status(Key&)>& edit) {
  const std::lock_guard writing(writing_);
  KeyView before;
  {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(id);
    if (found == keys_.end()) return key_not_found(id);
    before = found->second;
  }
  if (before->gone(platform_.clock.now())) return key_not_found(before->arn());
  Key key = *before;
  TARN_CHECK(edit(key));
  const KeyView changed = publishable(std::move(key));
  TARN_CHECK(commit({}, changed, std::nullopt));
  return changed;
}

Result<KeyView> KeyRing::rotate(const std::string& id) {
  return change(id, [this](Key& key) -> Status {
    const Timestamp now = platform_.clock.now();
    if (!key.rotation_due(now)) return {};  // another request was first
    add_material(key, false);
    key.rotation.next = days_after(now, key.rotation.period_days);
    return {};
  });
}

std::optional<Alias> KeyRing::find_stored(const Alias& alias) const {
  const std::shared_lock lock(mutex_);
  const auto found = aliases_.find(record_key(alias));
  return found == aliases_.end() ? std::nullopt : std::optional(found->second);
}

Status KeyRing::check_alias_count(const Key& target) const {
  const std::shared_lock lock(mutex_);
  const auto count = std::count_if(aliases_.begin(), aliases_.end(), [&](const auto& entry) {
    return entry.second.key_id == target.id;
  });
  if (static_cast<std::size_t>(count) < kMaxAliases) return {};
  return Error("LimitExceededException", fmt::format("{} has {} aliases, which is the most a key "
                                                     "can have",
                                                     target.arn(), kMaxAliases));
}

Status KeyRing::create_alias(const Caller& caller, std::string name, const Key& target) {
  const std::lock_guard writing(writing_);
  Alias alias = alias_of(caller, std::move(name));
  if (find_stored(alias)) {
    return Error("AlreadyExistsException",
                 fmt::format("An alias with the name {} already exists", alias.arn()));
  }
  TARN_CHECK(check_alias_count(target));
  alias.key_id = target.id;
  alias.created = alias.updated = platform_.clock.now();
  return commit({}, nullptr, alias);
}

Status KeyRing::update_alias(const Caller& caller, const std::string& name, const Key& target) {
  const std::lock_guard writing(writing_);
  const Alias wanted = alias_of(caller, name);
  auto alias = find_stored(wanted);
  if (!alias) return alias_not_found(wanted.arn());
  TARN_CHECK(check_alias_count(target));
  alias->key_id = target.id;
  alias->updated = platform_.clock.now();
  return commit({}, nullptr, alias);
}

Status KeyRing::delete_alias(const Caller& caller, const std::string& name) {
  const std::lock_guard writing(writing_);
  const Alias wanted = alias_of(caller, name);
  if (!find_stored(wanted)) return alias_not_found(wanted.arn());
  store::Batch batch;
  batch.remove(Space::kKms, record_key(wanted));
  TARN_CHECK(commit(std::move(batch), nullptr, std::nullopt));
  const std::unique_lock lock(mutex_);
  aliases_.erase(record_key(wanted));
  return {};
}

Status KeyRing::commit(store::Batch batch, const KeyView& key, const std::optional<Alias>& alias) {
  std::vector<std::string> gone_keys;
  std::vector<AliasName> gone_aliases;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, old] : keys_) {
      if (!old->gone(platform_.clock.now())) continue;
      gone_keys.push_back(id);
      batch.remove(Space::kKms, record_key(*old));
    }
    for (const auto& [name, old] : aliases_) {
      const bool gone =
          std::find(gone_keys.begin(), gone_keys.end(), old.key_id) != gone_keys.end();
      if (!gone) continue;
      gone_aliases.push_back(name);
      batch.remove(Space::kKms, name);
    }
  }
  if (key) batch.put(Space::kKms, record_key(*key), encode(*key, root_, platform_.random));
  if (alias) batch.put(Space::kKms, record_key(*alias), encode(*alias));
  if (batch.empty()) return {};
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  for (const std::string& id : gone_keys) keys_.erase(id);
  for (const AliasName& name : gone_aliases) aliases_.erase(name);
  if (key) keys_[key->id] = key;
  if (alias) aliases_[record_key(*alias)] = *alias;
  return {};
}

}  // namespace tarn::kms
