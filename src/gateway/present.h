// Present: what resource types of stacks share that tell a resource as it is now.
//
// Place: gateway, over in_process.h, for services/NAME/resources. An order is a
// cloudformation::ResourceOrder, of which the gateway knows but properties and tags. Threads: as
// calls in the process.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/in_process.h"
#include "gateway/system_tags.h"
#include "wire/json_value.h"

namespace tarn::gateway {

// What an action tells; null where its error is `absent`. Errors: the others.
[[nodiscard]] inline Task<Result<nlohmann::json>> ask(const InProcess& calls, std::string action,
                                                      Caller caller, nlohmann::json input,
                                                      std::string absent) {
  auto told = co_await calls.call(std::move(action), std::move(caller), std::move(input));
  if (!told.ok() && told.error().is(absent)) co_return nlohmann::json();
  co_return told;
}

// What the template says of a property; null where it says nothing.
template <class Order>
[[nodiscard]] nlohmann::json written(const Order& order, std::string_view property) {
  const auto found = order.properties.find(property);
  return found == order.properties.end() ? nlohmann::json() : *found;
}

// A document as templates have it: as a map, or as the text that it was written as.
[[nodiscard]] inline nlohmann::json told_document(const nlohmann::json& written,
                                                  const std::string& text) {
  nlohmann::json told = wire::parse_json(text);
  if (told.is_discarded()) return text;
  if (!written.is_string()) return told;
  const auto before = wire::parse_json(written.get<std::string>());
  return before == told ? written : nlohmann::json(text);
}

// How an action tells tags, where not as a map, and what a template has that says nothing.
struct TagForm {
  const char* key = "Key";
  const char* value = "Value";
  bool is_map = false;
};

namespace detail {

inline std::map<std::string, std::string> tag_texts(const nlohmann::json& told,
                                                    const TagForm& form) {
  std::map<std::string, std::string> out;
  if (told.is_object()) told.get_to(out);
  if (!told.is_array()) return out;
  for (const nlohmann::json& tag : told) out[tag.value(form.key, "")] = tag.value(form.value, "");
  return out;
}

inline bool names_tag(const nlohmann::json& tags, const std::string& key) {
  if (tags.is_object()) return tags.contains(key);
  return std::any_of(tags.begin(), tags.end(),
                     [&](const auto& tag) { return tag.value("Key", "") == key; });
}

}  // namespace detail

// The property Tags: neither tags of services nor what a resource has of its stack's tags.
template <class Order>
void tell_tags(const Order& order, const nlohmann::json& told, nlohmann::json& properties,
               const TagForm& form = {}) {
  const nlohmann::json own = written(order, "Tags");
  nlohmann::json map = nlohmann::json::object();
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [key, value] : detail::tag_texts(told, form)) {
    if (is_system_tag(key)) continue;
    const auto of_stack = order.tags.find(key);
    if (of_stack != order.tags.end() && of_stack->second == value && !detail::names_tag(own, key))
      continue;
    map[key] = value;
    list.push_back({{"Key", key}, {"Value", value}});
  }
  if (map.empty() && own.is_null()) return;
  const bool as_map = own.is_null() ? form.is_map : own.is_object();
  properties["Tags"] = as_map ? std::move(map) : std::move(list);
}

}  // namespace tarn::gateway
