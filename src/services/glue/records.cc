#include "services/glue/records.h"

#include "wire/json_value.h"

namespace tarn::glue {

void append_part(std::string& key, std::string_view part) {
  for (const char c : part) {
    key += c;
    if (c == '\0') key += static_cast<char>(0xff);
  }
  key += '\0';
}

std::string key_of(Record record, const Owner& owner,
                   std::initializer_list<std::string_view> parts) {
  std::string out(1, static_cast<char>(record));
  append_part(out, owner.account);
  append_part(out, owner.region);
  for (const auto part : parts) append_part(out, part);
  return out;
}

std::string encode_tags(const std::map<std::string, std::string>& tags) {
  return std::string(1, kRecordVersion) + nlohmann::json(tags).dump();
}

Result<std::map<std::string, std::string>> decode_tags(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kRecordVersion) {
    return Error(code::kCorrupt, "stored Glue tags have an unknown format version");
  }
  const auto json = wire::parse_json(bytes.substr(1));
  std::map<std::string, std::string> out;
  if (!json.is_object()) return Error(code::kCorrupt, "stored Glue tags are damaged");
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return Error(code::kCorrupt, "stored Glue tags are damaged");
    out[name] = value.get<std::string>();
  }
  return out;
}

Error bad_token() {
  return invalid_input("The NextToken is not one that this list gave out.");
}

Error database_not_found(const std::string& name) {
  return {"EntityNotFoundException", "Database " + name + " not found."};
}

Error entity_not_found() {
  return {"EntityNotFoundException", "Entity Not Found"};
}

Error invalid_input(std::string text) {
  return {"InvalidInputException", std::move(text)};
}

}  // namespace tarn::glue
