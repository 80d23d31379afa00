// Values and items of tests, written as plain JSON.
//
// Place: dynamodb, tests only. {"n": 1, "s": "x", "l": [true, null], "m": {"a": 1}}; sets and
// binaries are objects of one member: {"$ss": ["a"]}, {"$ns": [1]}, {"$bs": ["x"]}, {"$b":
// "bytes"}.
#pragma once

#include <string>
#include <string_view>

#include "services/dynamodb/value.h"
#include "wire/json_value.h"

namespace tarn::dynamodb::testing {

inline Value plain_value(const nlohmann::json& json);

inline Map plain_map(const nlohmann::json& json) {
  Map out;
  for (const auto& [name, value] : json.items()) out.emplace(name, plain_value(value));
  return out;
}

inline Decimal plain_number(const nlohmann::json& json) {
  return Decimal::parse(json.dump()).value();
}

inline Value plain_object(const nlohmann::json& json) {
  if (json.size() == 1 && json.begin().key().starts_with("$")) {
    const std::string kind = json.begin().key();
    const nlohmann::json& content = json.begin().value();
    if (kind == "$b") return Value{Binary{content.get<std::string>()}};
    if (kind == "$ss") return Value{StringSet{content.get<std::set<std::string>>()}};
    if (kind == "$bs") return Value{BinarySet{content.get<std::set<std::string>>()}};
    NumberSet set;
    for (const auto& member : content) set.members.insert(plain_number(member));
    return Value{std::move(set)};
  }
  return Value{plain_map(json)};
}

inline Value plain_value(const nlohmann::json& json) {
  if (json.is_string()) return Value{json.get<std::string>()};
  if (json.is_number()) return Value{plain_number(json)};
  if (json.is_boolean()) return Value{json.get<bool>()};
  if (json.is_null()) return Value{Null{}};
  if (json.is_object()) return plain_object(json);
  List list;
  for (const auto& element : json) list.push_back(plain_value(element));
  return Value{std::move(list)};
}

inline Item item(std::string_view text) {
  return plain_map(wire::parse_json(text));
}
inline Value value(std::string_view text) {
  return plain_value(wire::parse_json(text));
}

}  // namespace tarn::dynamodb::testing
