#include "wire/values.h"

#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "wire/dates.h"

namespace tarn::wire {
namespace {

std::optional<std::string> text_of(const Schema& schema, const void* value) {
  switch (schema.kind) {
    case Kind::kString: return *static_cast<const std::string*>(value);
    case Kind::kBoolean: return *static_cast<const bool*>(value) ? "true" : "false";
    case Kind::kInteger: return fmt::format("{}", *static_cast<const std::int32_t*>(value));
    case Kind::kLong: return fmt::format("{}", *static_cast<const std::int64_t*>(value));
    case Kind::kFloat: return fmt::format("{}", *static_cast<const float*>(value));
    case Kind::kDouble: return fmt::format("{}", *static_cast<const double*>(value));
    case Kind::kTimestamp: return to_iso8601(*static_cast<const Timestamp*>(value));
    default: return std::nullopt;
  }
}

std::vector<std::string> keys_of(const Schema& schema, const void* map) {
  std::vector<std::string> out;
  if (schema.kind != Kind::kMap) return out;
  schema.map->each(map, &out, [](void* context, std::string_view key, const void* /*value*/) {
    static_cast<std::vector<std::string>*>(context)->emplace_back(key);
  });
  return out;
}

}  // namespace

void walk(const Schema& schema, const void* data, std::string_view path,
          const std::function<void(const Schema& schema, const void* value)>& found) {
  const std::size_t dot = path.find('.');
  std::string_view step = path.substr(0, dot);
  const std::string_view rest = dot == path.npos ? std::string_view() : path.substr(dot + 1);
  const bool each = step.ends_with("[]");
  if (each) step.remove_suffix(2);
  for (const auto& member : schema.members) {
    if (member.name != step) continue;
    const void* value = member.find(data);
    if (value == nullptr) return;
    const auto go_on = [&](const Schema& inner, const void* inner_value) {
      if (rest.empty() || rest == "*") return found(inner, inner_value);
      walk(inner, inner_value, rest, found);
    };
    if (!each) return go_on(*member.schema, value);
    const auto& list = *member.schema->list;
    for (std::size_t i = 0; i < list.size(value); ++i)
      go_on(*member.schema->element, list.at(value, i));
  }
}

std::vector<std::string> values_at(const Schema& schema, const void* data, std::string_view path) {
  std::vector<std::string> out;
  const bool wants_keys = path.ends_with(".*");
  walk(schema, data, path, [&](const Schema& inner, const void* value) {
    if (wants_keys) {
      for (auto& key : keys_of(inner, value)) out.push_back(std::move(key));
    } else if (auto text = text_of(inner, value)) {
      out.push_back(std::move(*text));
    }
  });
  return out;
}

}  // namespace tarn::wire
