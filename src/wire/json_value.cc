#include "wire/json_value.h"

#include <cstdint>
#include <utility>

template class nlohmann::basic_json<>;
template class nlohmann::detail::serializer<nlohmann::json>;

namespace tarn::wire {
namespace {

using nlohmann::json;

bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++at;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestJson) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

template <class Value>
Value parse(std::string_view text) {
  if (is_too_deep(text)) return Value(Value::value_t::discarded);
  return Value::parse(text, nullptr, false);
}

const json* find(const json& value, const char* name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

}  // namespace

json parse_json(std::string_view text) {
  return parse<json>(text);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text) {
  return parse<nlohmann::ordered_json>(text);
}

std::string text_or(const json& value, const char* name, std::string_view otherwise) {
  const json* found = find(value, name);
  return found != nullptr && found->is_string() ? found->get<std::string>()
                                                : std::string(otherwise);
}

double number_or(const json& value, const char* name, double otherwise) {
  const json* found = find(value, name);
  return found != nullptr && found->is_number() ? found->get<double>() : otherwise;
}

int int_or(const json& value, const char* name, int otherwise) {
  const json* found = find(value, name);
  if (found == nullptr || !found->is_number_integer()) return otherwise;
  const auto number = found->get<std::int64_t>();
  return std::in_range<int>(number) ? static_cast<int>(number) : otherwise;
}

}  // namespace tarn::wire
