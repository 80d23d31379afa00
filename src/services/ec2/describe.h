// What every Describe action does: ids, filters and pages.
//
// Place: services/ec2. Filters:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html Threads: pure functions.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "services/ec2/kinds.h"
#include "services/ec2/network.h"
#include "wire/values.h"

namespace tarn::ec2 {

// A filter and the members that it asks for (wire/values.h).
struct FilterPath {
  std::string_view name;  // "vpc-id"
  std::string_view path;  // "VpcId"
};

using FilterPaths = std::span<const FilterPath>;
using Filters = std::optional<std::vector<Filter>>;

// Error: InvalidParameterValue, of a filter that the resource does not have.
[[nodiscard]] Status check_filters(const Filters& filters, FilterPaths known);

// Whether the filter lets a value through: `*` and `?` stand for any text and any character.
[[nodiscard]] bool lets_through(const Filter& filter, std::string_view value);
// Filters tag:NAME and tag-key; nullopt: another one.
[[nodiscard]] std::optional<bool> tags_pass(const Filter& filter,
                                            const std::optional<std::vector<Tag>>& tags);

// The other filters.
[[nodiscard]] bool value_passes(const Filter& filter, const wire::Schema& schema, const void* data,
                                FilterPaths known);

template <class Shape>
bool passes(const Filter& filter, const Shape& shape, FilterPaths known) {
  if (const auto tags = tags_pass(filter, shape.tags)) return *tags;
  return value_passes(filter, Shape::schema(), &shape, known);
}

// The shapes that have one of the ids and pass all filters. Errors: not_found(),
// InvalidParameterValue.
template <class Shape>
Result<std::vector<Shape>> select(std::vector<Shape> all,
                                  const std::optional<std::vector<std::string>>& ids,
                                  const Filters& filters, FilterPaths known) {
  TARN_CHECK(check_filters(filters, known));
  for (const std::string& id : ids.value_or(std::vector<std::string>())) {
    const auto is_it = [&](const Shape& shape) {
      return id_of(shape) == id;
    };
    if (std::none_of(all.begin(), all.end(), is_it)) return not_found<Shape>(id);
  }
  std::erase_if(all, [&](const Shape& shape) {
    if (ids && !ids->empty() && std::find(ids->begin(), ids->end(), id_of(shape)) == ids->end())
      return true;
    const auto wanted = filters.value_or(std::vector<Filter>());
    return !std::all_of(wanted.begin(), wanted.end(),
                        [&](const Filter& filter) { return passes(filter, shape, known); });
  });
  return all;
}

// Where a token says that the page begins. Error: InvalidParameterValue.
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& token);

// The page of `all` that begins at the token; sets the next one. Error: as above.
template <class Shape>
Result<std::vector<Shape>> page_of(std::vector<Shape> all, const std::optional<std::string>& token,
                                   const std::optional<std::int32_t>& most,
                                   std::optional<std::string>& next) {
  constexpr std::int32_t kUsualPage = 1000;
  TARN_TRY(const std::size_t place, place_of(token));
  const auto size = static_cast<std::size_t>(std::max(most.value_or(kUsualPage), 1));
  std::vector<Shape> out;
  for (std::size_t i = place; i < all.size() && out.size() < size; ++i)
    out.push_back(std::move(all[i]));
  if (place + out.size() < all.size()) next = std::to_string(place + out.size());
  return out;
}

// Copies of what the region has.
template <class Shape>
std::vector<Shape> copies(const std::vector<Entry<Shape>>& entries) {
  std::vector<Shape> out;
  out.reserve(entries.size());
  for (const Entry<Shape>& entry : entries) out.push_back(*entry);
  return out;
}

}  // namespace tarn::ec2
