#include "services/ssm/parameters.h"

#include "wire/stored_json.h"

namespace tarn::ssm {
namespace {

// First of every value: the version of docs/formats/ssm.md. The record as JSON follows.
constexpr char kRecordVersion = '1';

std::string encode(const ParameterRecord& record) {
  return wire::to_record(kRecordVersion, record);
}

Result<ParameterRecord> decode(const std::string& key, std::string_view value) {
  const std::string what = "SSM at " + key;
  TARN_TRY(const nlohmann::json json, wire::from_record(kRecordVersion, value, what));
  try {
    auto record = json.get<ParameterRecord>();
    if (record.versions.empty()) return wire::damaged_record(what);
    return record;
  } catch (const nlohmann::json::exception& failure) {
    return wire::damaged_record(what);
  }
}

}  // namespace

Parameters::Parameters(store::Store& store)
    : RegionalRecords(store, {store::Space::kSsm, "parameter/", encode, decode}) {}

}  // namespace tarn::ssm
