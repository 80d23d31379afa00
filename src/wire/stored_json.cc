#include "wire/stored_json.h"

namespace tarn::wire {

std::string to_record(char version, const nlohmann::json& value) {
  return version + value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<nlohmann::json> from_record(char version, std::string_view record, std::string_view what) {
  if (!record.empty() && record.front() == version) {
    nlohmann::json value = parse_json(record.substr(1));
    if (value.is_object()) return value;
  }
  return damaged_record(what);
}

Error damaged_record(std::string_view what) {
  return {code::kCorrupt, "the stored record of " + std::string(what) + " is damaged"};
}

}  // namespace tarn::wire
