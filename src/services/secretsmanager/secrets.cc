#include "services/secretsmanager/secrets.h"

#include <utility>

#include <fmt/format.h>

namespace tarn::secretsmanager {
namespace {

// First of every value: the version of docs/formats/secretsmanager.md. The record as JSON follows.
constexpr char kRecordVersion = '1';
constexpr std::string_view kPrefix = "secret/";

std::string key_of(const std::string& region, const std::string& name) {
  return fmt::format("{}{}/{}", kPrefix, region, name);
}

Result<SecretRecord> decode(const std::string& key, const std::string& text) {
  const Error damaged(code::kCorrupt,
                      fmt::format("the stored record {} of Secrets Manager is damaged", key));
  if (text.empty() || text.front() != kRecordVersion) return damaged;
  const auto json = wire::parse_json(std::string_view(text).substr(1));
  if (!json.is_object()) return damaged;
  try {
    auto record = json.get<SecretRecord>();
    return record;
  } catch (const nlohmann::json::exception& failure) {
    return damaged;
  }
}

}  // namespace

Status Secrets::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kSecretsManager, kPrefix));
  for (const auto& [key, text] : records) {
    TARN_TRY(SecretRecord record, decode(key, text));
    const std::string place = key.substr(kPrefix.size());
    auto& names = by_region_[place.substr(0, place.find('/'))];
    const std::string name = record.name;
    names.emplace(name, std::make_shared<const SecretRecord>(std::move(record)));
  }
  return {};
}

Secrets::Entry Secrets::find(std::string_view region, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto names = by_region_.find(region);
  if (names == by_region_.end()) return nullptr;
  const auto found = names->second.find(name);
  return found == names->second.end() ? nullptr : found->second;
}

std::vector<Secrets::Entry> Secrets::all(std::string_view region, std::string_view prefix) const {
  const std::shared_lock lock(mutex_);
  std::vector<Entry> out;
  const auto names = by_region_.find(region);
  if (names == by_region_.end()) return out;
  for (auto at = names->second.lower_bound(prefix);
       at != names->second.end() && at->first.starts_with(prefix); ++at)
    out.push_back(at->second);
  return out;
}

Status Secrets::change(const std::string& region, const std::string& name, const Change& change) {
  const std::lock_guard changing(changing_);
  // Only changes write, and this is the only one.
  if (!by_region_.contains(region)) {
    const std::unique_lock lock(mutex_);
    by_region_.emplace(region, std::map<std::string, Entry, std::less<>>());
  }
  auto& names = by_region_[region];
  const auto found = names.find(name);
  std::optional<SecretRecord> record;
  if (found != names.end()) record = *found->second;
  TARN_CHECK(change(record, names.size()));
  store::Batch batch;
  if (record) {
    batch.put(store::Space::kSecretsManager, key_of(region, name),
              kRecordVersion + nlohmann::json(*record).dump());
  } else {
    batch.remove(store::Space::kSecretsManager, key_of(region, name));
  }
  TARN_CHECK(store_.commit(batch));
  const std::unique_lock lock(mutex_);
  if (record) {
    names[name] = std::make_shared<const SecretRecord>(*std::move(record));
  } else {
    names.erase(name);
  }
  return {};
}

}  // namespace tarn::secretsmanager
