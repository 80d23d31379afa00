#include "services/ec2/describe.h"

#include "base/wildcard.h"

namespace tarn::ec2 {
namespace {

constexpr std::string_view kTagFilter = "tag:";

}  // namespace

bool lets_through(const Filter& filter, std::string_view value) {
  const auto values = filter.values.value_or(std::vector<std::string>());
  return std::any_of(values.begin(), values.end(),
                     [&](const std::string& pattern) { return is_like(pattern, value); });
}

std::optional<bool> tags_pass(const Filter& filter, const std::optional<std::vector<Tag>>& tags) {
  const std::string name = filter.name.value_or("");
  const bool by_value = name.starts_with(kTagFilter);
  if (!by_value && name != "tag-key") return std::nullopt;
  const auto all = tags.value_or(std::vector<Tag>());
  return std::any_of(all.begin(), all.end(), [&](const Tag& tag) {
    if (!by_value) return lets_through(filter, tag.key.value_or(""));
    return tag.key == name.substr(kTagFilter.size()) &&
           lets_through(filter, tag.value.value_or(""));
  });
}

bool value_passes(const Filter& filter, const wire::Schema& schema, const void* data,
                  FilterPaths known) {
  for (const FilterPath& each : known) {
    if (each.name != filter.name) continue;
    const auto values = wire::values_at(schema, data, each.path);
    if (std::any_of(values.begin(), values.end(),
                    [&](const std::string& value) { return lets_through(filter, value); }))
      return true;
  }
  return false;
}

Status check_filters(const Filters& filters, FilterPaths known) {
  for (const Filter& filter : filters.value_or(std::vector<Filter>())) {
    const std::string name = filter.name.value_or("");
    if (name.starts_with(kTagFilter) || name == "tag-key") continue;
    const auto is_it = [&](const FilterPath& each) {
      return each.name == name;
    };
    if (std::none_of(known.begin(), known.end(), is_it))
      return Error("InvalidParameterValue", fmt::format("The filter '{}' is invalid", name));
  }
  return {};
}

Result<std::size_t> place_of(const std::optional<std::string>& token) {
  std::size_t place = 0;
  if (!token || token->empty()) return place;
  const char* const end = token->data() + token->size();
  const auto read = std::from_chars(token->data(), end, place);
  if (read.ec != std::errc() || read.ptr != end) {
    return Error("InvalidParameterValue",
                 fmt::format("Unable to parse pagination token '{}'", *token));
  }
  return place;
}

}  // namespace tarn::ec2
