#include "services/iceberg/json.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/error.h"

namespace tarn::iceberg {
namespace {

Error wrong_member(std::string_view name, std::string_view wanted) {
  return bad_request(fmt::format("'{}' must be given and be {}.", name, wanted));
}

}  // namespace

const Json* find(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(std::string(name));
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> text_at(const Json& object, std::string_view name) {
  const Json* found = find(object, name);
  if (found == nullptr || !found->is_string()) return wrong_member(name, "a text");
  return found->get<std::string>();
}

Result<std::int64_t> number_at(const Json& object, std::string_view name) {
  const Json* found = find(object, name);
  if (found == nullptr || !found->is_number_integer()) return wrong_member(name, "a whole number");
  return found->get<std::int64_t>();
}

Result<const Json*> object_at(const Json& object, std::string_view name) {
  const Json* found = find(object, name);
  if (found == nullptr || !found->is_object()) return wrong_member(name, "an object");
  return found;
}

Result<const Json*> array_at(const Json& object, std::string_view name) {
  const Json* found = find(object, name);
  if (found == nullptr || !found->is_array()) return wrong_member(name, "a list");
  return found;
}

std::string text_or(const Json& object, std::string_view name, std::string fallback) {
  const Json* found = find(object, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::move(fallback);
}

std::int64_t number_or(const Json& object, std::string_view name, std::int64_t fallback) {
  const Json* found = find(object, name);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : fallback;
}

bool same(Json a, Json b, std::string_view ignored) {
  if (!ignored.empty() && a.is_object()) a.erase(std::string(ignored));
  if (!ignored.empty() && b.is_object()) b.erase(std::string(ignored));
  // The unordered kind compares members by their names.
  return nlohmann::json(a) == nlohmann::json(b);
}

bool is_text_map(const Json& object) {
  return object.is_object() &&
         std::all_of(object.begin(), object.end(), [](const Json& v) { return v.is_string(); });
}

std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tarn::iceberg
