#include "services/secretsmanager/secrets.h"

#include "wire/stored_json.h"

namespace tarn::secretsmanager {
namespace {

// First of every value: the version of docs/formats/secretsmanager.md. The record as JSON follows.
constexpr char kRecordVersion = '1';

std::string encode(const SecretRecord& record) {
  return wire::to_record(kRecordVersion, record);
}

Result<SecretRecord> decode(const std::string& key, std::string_view value) {
  const std::string what = "Secrets Manager at " + key;
  TARN_TRY(const nlohmann::json json, wire::from_record(kRecordVersion, value, what));
  try {
    auto record = json.get<SecretRecord>();
    return record;
  } catch (const nlohmann::json::exception& failure) {
    return wire::damaged_record(what);
  }
}

}  // namespace

Secrets::Secrets(store::Store& store)
    : RegionalRecords(store, {store::Space::kSecretsManager, "secret/", encode, decode}) {}

}  // namespace tarn::secretsmanager
