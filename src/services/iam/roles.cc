#include "services/iam/roles.h"

#include <algorithm>
#include <utility>

#include "services/iam/policy/document.h"
#include "wire/encoding.h"

namespace tarn::iam {
namespace {

// Of names and of ARNs, whose last part is the name.
std::string key_of(std::string_view name_or_arn) {
  const std::size_t slash = name_or_arn.rfind('/');
  return wire::to_lower(slash == std::string_view::npos ? name_or_arn
                                                        : name_or_arn.substr(slash + 1));
}

template <class Map>
typename Map::mapped_type found_in(const Map& map, std::string_view name_or_arn) {
  const auto found = map.find(key_of(name_or_arn));
  if (found == map.end()) return nullptr;
  if (name_or_arn.starts_with("arn:") && found->second->arn() != name_or_arn) return nullptr;
  return found->second;
}

template <class Map>
std::vector<typename Map::mapped_type> all_of(const Map& map) {
  std::vector<typename Map::mapped_type> out;
  out.reserve(map.size());
  for (const auto& [name, each] : map) out.push_back(each);
  return out;
}

Status compile_policy(OwnPolicyRecord& policy) {
  const auto found = policy.versions.find(policy.default_version);
  const std::string text = found == policy.versions.end() ? "" : found->second.text;
  TARN_TRY(policy.document, policy::Document::parse(text, policy::Document::Kind::kIdentity));
  return {};
}

}  // namespace

Status Roles::load() {
  TARN_TRY(const auto policies, store_.scan(store::Space::kIam, kPolicyPrefix));
  for (const auto& [key, record] : policies) {
    TARN_TRY(OwnPolicyRecord policy, decode_own_policy(record));
    TARN_CHECK(compile_policy(policy));
    const std::string name = key_of(policy.name);
    policies_.emplace(name, std::make_shared<const OwnPolicyRecord>(std::move(policy)));
  }
  TARN_TRY(const auto roles, store_.scan(store::Space::kIam, kRolePrefix));
  for (const auto& [key, record] : roles) {
    TARN_TRY(RoleRecord role, decode_role(record));
    TARN_CHECK(compile(role));
    const std::string name = key_of(role.name);
    roles_.emplace(name, std::make_shared<const RoleRecord>(std::move(role)));
  }
  TARN_TRY(const auto profiles, store_.scan(store::Space::kIam, kInstanceProfilePrefix));
  for (const auto& [key, record] : profiles) {
    TARN_TRY(InstanceProfileRecord profile, decode_instance_profile(record));
    const std::string name = key_of(profile.name);
    profiles_.emplace(name, std::make_shared<const InstanceProfileRecord>(std::move(profile)));
  }
  return {};
}

Roles::Role Roles::find_role(std::string_view name_or_arn) const {
  const std::shared_lock lock(mutex_);
  return found_in(roles_, name_or_arn);
}

Roles::Profile Roles::find_profile(std::string_view name_or_arn) const {
  const std::shared_lock lock(mutex_);
  return found_in(profiles_, name_or_arn);
}

Roles::OwnPolicy Roles::find_policy(std::string_view name_or_arn) const {
  const std::shared_lock lock(mutex_);
  return found_in(policies_, name_or_arn);
}

std::vector<Roles::OwnPolicy> Roles::policies() const {
  const std::shared_lock lock(mutex_);
  return all_of(policies_);
}

std::vector<Roles::Role> Roles::roles() const {
  const std::shared_lock lock(mutex_);
  return all_of(roles_);
}

std::vector<Roles::Profile> Roles::profiles() const {
  const std::shared_lock lock(mutex_);
  return all_of(profiles_);
}

Status Roles::compile(RoleRecord& role) const {
  using policy::Document;
  TARN_TRY(role.trust_policy, Document::parse(role.trust, Document::Kind::kTrust));
  role.policies.clear();
  for (const auto& [name, text] : role.inline_policies) {
    TARN_TRY(auto document, Document::parse(text, Document::Kind::kIdentity));
    role.policies.push_back(std::move(document));
  }
  for (const std::string& arn : role.attached) {
    const ManagedPolicy* managed = managed_.find(arn);
    // One that this program does not bring gives nothing.
    if (managed != nullptr) role.policies.push_back(managed->document);
    const OwnPolicy own = find_policy(arn);
    if (own != nullptr) role.policies.push_back(own->document);
  }
  return {};
}

Status Roles::change_role(const std::string& name,
                          const std::function<Status(std::optional<RoleRecord>&)>& change) {
  const std::lock_guard changing(changing_);
  const Role before = find_role(name);
  std::optional<RoleRecord> role;
  if (before) role = *before;
  TARN_CHECK(change(role));
  const std::string key = key_of(name);
  const std::string record = std::string(kRolePrefix) + key;
  store::Batch batch;
  if (role) {
    TARN_CHECK(compile(*role));
    batch.put(store::Space::kIam, record, encode(*role));
  } else {
    batch.remove(store::Space::kIam, record);
  }
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  roles_.erase(key);
  if (role) roles_.emplace(key, std::make_shared<const RoleRecord>(*std::move(role)));
  return {};
}

Status Roles::change_profile(
    const std::string& name,
    const std::function<Status(std::optional<InstanceProfileRecord>&)>& change) {
  const std::lock_guard changing(changing_);
  const Profile before = find_profile(name);
  std::optional<InstanceProfileRecord> profile;
  if (before) profile = *before;
  TARN_CHECK(change(profile));
  const std::string key = key_of(name);
  const std::string record = std::string(kInstanceProfilePrefix) + key;
  store::Batch batch;
  if (profile) {
    batch.put(store::Space::kIam, record, encode(*profile));
  } else {
    batch.remove(store::Space::kIam, record);
  }
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  profiles_.erase(key);
  if (profile)
    profiles_.emplace(key, std::make_shared<const InstanceProfileRecord>(*std::move(profile)));
  return {};
}

Status Roles::change_policy(const std::string& name,
                            const std::function<Status(std::optional<OwnPolicyRecord>&)>& change) {
  const std::lock_guard changing(changing_);
  const OwnPolicy before = find_policy(name);
  std::optional<OwnPolicyRecord> policy;
  if (before) policy = *before;
  TARN_CHECK(change(policy));
  const std::string key = key_of(name);
  const std::string record = std::string(kPolicyPrefix) + key;
  store::Batch batch;
  if (policy) {
    TARN_CHECK(compile_policy(*policy));
    batch.put(store::Space::kIam, record, encode(*policy));
  } else {
    batch.remove(store::Space::kIam, record);
  }
  TARN_CHECK(store_.commit(batch));
  const std::string arn = policy ? policy->arn() : "";
  {
    const std::unique_lock lock(mutex_);
    policies_.erase(key);
    if (policy) policies_.emplace(key, std::make_shared<const OwnPolicyRecord>(*std::move(policy)));
  }
  if (!arn.empty()) recompile_roles_with(arn);
  return {};
}

void Roles::recompile_roles_with(const std::string& policy_arn) {
  for (const Role& role : roles()) {
    const auto& attached = role->attached;
    if (std::find(attached.begin(), attached.end(), policy_arn) == attached.end()) continue;
    RoleRecord anew = *role;
    // What it has was compiled before.
    if (!compile(anew).ok()) continue;
    const std::unique_lock lock(mutex_);
    roles_[key_of(anew.name)] = std::make_shared<const RoleRecord>(std::move(anew));
  }
}

bool trusts(const RoleRecord& role, std::string_view service) {
  // No key is known of a service that assumes a role.
  const policy::FixedContext nothing;
  policy::Principal principal;
  principal.kind = policy::Principal::Kind::kService;
  principal.account = role.account;
  principal.arn = service;
  const std::string arn = role.arn();
  const policy::Request request{principal, "sts:AssumeRole", arn, {}, nothing};
  return role.trust_policy->denial(request) == nullptr && role.trust_policy->allows(request);
}

}  // namespace tarn::iam
