#include "services/iam/managed_policies.h"

#include <utility>

#include <fmt/format.h>

#include "services/iam/identity.h"
#include "wire/json_value.h"

namespace tarn::iam {
namespace {

using nlohmann::json;
using policy::Document;

constexpr std::string_view kPolicyOfAws = "arn:aws:iam::aws:policy";

Result<ManagedPolicy> parse_policy_of_aws(const std::string& text) {
  const auto parsed = wire::parse_json(text);
  const std::string arn = parsed.is_object() ? parsed.value("arn", "") : "";
  if (!arn.starts_with(kPolicyOfAws) || !parsed.contains("document"))
    return Error(code::kCorrupt, "it has no arn of AWS, or no document");
  ManagedPolicy out;
  out.account = "aws";
  const std::size_t slash = arn.rfind('/');
  out.name = arn.substr(slash + 1);
  out.path = arn.substr(kPolicyOfAws.size(), slash + 1 - kPolicyOfAws.size());
  out.versions[1].text = parsed["document"].dump();
  TARN_TRY(out.document, Document::parse(out.versions[1].text, Document::Kind::kIdentity));
  return out;
}

}  // namespace

std::string encode(const ManagedPolicy& policy) {
  json versions = json::object();
  for (const auto& [number, version] : policy.versions) {
    versions[std::to_string(number)] = {{"text", version.text}, {"created", version.created.ms}};
  }
  return to_record({{"account", policy.account},
                    {"name", policy.name},
                    {"path", policy.path},
                    {"id", policy.id},
                    {"description", policy.description},
                    {"created", policy.created.ms},
                    {"updated", policy.updated.ms},
                    {"tags", policy.tags},
                    {"versions", std::move(versions)},
                    {"default", policy.default_version},
                    {"latest", policy.latest_version}},
                   false);
}

Result<ManagedPolicy> decode_policy(std::string_view record) {
  TARN_TRY(const json members, members_from(record, "policy"));
  ManagedPolicy out;
  out.account = members.value("account", "");
  out.name = members.value("name", "");
  out.path = members.value("path", "/");
  out.id = members.value("id", "");
  out.description = members.value("description", "");
  out.created.ms = members.value("created", std::int64_t{0});
  out.updated.ms = members.value("updated", std::int64_t{0});
  out.tags = members.value("tags", std::map<std::string, std::string>());
  out.default_version = members.value("default", 1);
  out.latest_version = members.value("latest", 1);
  const json versions = members.value("versions", json::object());
  for (const auto& [number, version] : versions.items()) {
    ManagedPolicy::Version& into = out.versions[std::atoi(number.c_str())];
    into.text = version.value("text", "");
    into.created.ms = version.value("created", std::int64_t{0});
  }
  if (out.versions.count(out.default_version) == 0)
    return Error(code::kCorrupt, "the stored record of an IAM policy has no default version");
  return out;
}

Status ManagedPolicies::read(platform::Files& files, const std::string& folder) {
  TARN_TRY(const auto entries, files.list(folder));
  for (const auto& entry : entries) {
    if (!entry.name.ends_with(".json")) continue;
    TARN_TRY(const std::string text, files.read(folder + "/" + entry.name));
    auto policy = parse_policy_of_aws(text);
    if (!policy.ok()) {
      return Error(code::kCorrupt,
                   fmt::format("{}/{}: {}", folder, entry.name, policy.error().message));
    }
    std::string arn = policy->arn();
    all_.emplace(std::move(arn), std::make_shared<const ManagedPolicy>(std::move(policy).value()));
  }
  return {};
}

Status ManagedPolicies::load(store::Store& store) {
  store_ = &store;
  TARN_TRY(const auto records, store.scan(store::Space::kIam, kPolicyPrefix));
  for (const auto& [key, record] : records) {
    TARN_TRY(ManagedPolicy policy, decode_policy(record));
    TARN_TRY(policy.document, Document::parse(policy.versions[policy.default_version].text,
                                              Document::Kind::kIdentity));
    std::string arn = policy.arn();
    all_.emplace(std::move(arn), std::make_shared<const ManagedPolicy>(std::move(policy)));
  }
  return {};
}

ManagedPolicies::Entry ManagedPolicies::find(std::string_view arn) const {
  const std::shared_lock lock(mutex_);
  const auto found = all_.find(arn);
  return found == all_.end() ? nullptr : found->second;
}

std::vector<ManagedPolicies::Entry> ManagedPolicies::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<Entry> out;
  out.reserve(all_.size());
  for (const auto& [arn, policy] : all_) out.push_back(policy);
  return out;
}

Status ManagedPolicies::change(const std::string& arn, const Change& change) {
  if (store_ == nullptr) return Error(code::kInvalid, "no policy can be kept here");
  const std::lock_guard changing(changing_);
  std::optional<ManagedPolicy> policy;
  if (const Entry before = find(arn); before && !before->of_aws()) policy = *before;
  TARN_CHECK(change(policy));
  const std::string key = std::string(kPolicyPrefix) + arn;
  store::Batch batch;
  if (policy) {
    TARN_TRY(policy->document, Document::parse(policy->versions.at(policy->default_version).text,
                                               Document::Kind::kIdentity));
    batch.put(store::Space::kIam, key, encode(*policy));
  } else {
    batch.remove(store::Space::kIam, key);
  }
  TARN_CHECK(store_->commit(batch));
  const std::unique_lock lock(mutex_);
  all_.erase(arn);
  if (policy) all_.emplace(arn, std::make_shared<const ManagedPolicy>(*std::move(policy)));
  return {};
}

}  // namespace tarn::iam
