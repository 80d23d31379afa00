#include "generator/functions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace tarn::generator {

namespace {

constexpr int kMaxPatternDepth = 16;

// Later names of faker.js for functions that are here under their older ones.
struct Alias {
  std::string_view name;
  std::string_view means;
};
constexpr Alias kAliases[] = {
    {"datatype.number", "random.number"},
    {"datatype.float", "random.float"},
    {"datatype.boolean", "random.boolean"},
    {"datatype.uuid", "random.uuid"},
    {"datatype.hexaDecimal", "random.hexaDecimal"},
    {"random.alphanumeric", "random.alphaNumeric"},
    {"name.fullName", "name.findName"},
    {"phone.number", "phone.phoneNumber"},
    {"address.streetAddressLine", "address.streetAddress"},
    {"internet.username", "internet.userName"},
    {"internet.ipv4", "internet.ip"},
    {"helpers.randomize", "random.arrayElement"},
};

const Function* find_function(std::string_view name) {
  for (const auto functions : {random_functions(), date_functions(), internet_functions(),
                               commerce_functions(), text_functions()}) {
    for (const Function& function : functions) {
      if (function.name == name) return &function;
    }
  }
  return nullptr;
}

const Pattern* find_pattern(std::string_view name) {
  for (const Pattern& pattern : patterns()) {
    if (pattern.name == name) return &pattern;
  }
  return nullptr;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Edit distance, case ignored.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// Of the names that are as near, one that ends alike is what was meant: random.firstName is
// name.firstName.
std::string_view nearest_name(std::string_view wanted) {
  const std::string_view own_part = wanted.substr(wanted.rfind('.') + 1);
  std::string_view best;
  std::size_t best_distance = SIZE_MAX;
  for (const std::string_view name : function_names()) {
    const std::string_view part = name.substr(name.rfind('.') + 1);
    const std::size_t candidate =
        std::min(distance(wanted, name), distance(own_part, part) * 2 + 1);
    if (candidate < best_distance) {
      best = name;
      best_distance = candidate;
    }
  }
  return best;
}

GeneratorPtr make_words(std::span<const std::string_view> words) {
  return make_generator(
      [words](RenderState& state, std::string& out) { out += state.random.pick(words); });
}

Result<GeneratorPtr> make_alternatives(const Pattern& pattern, const Call& call) {
  if (call.depth > kMaxPatternDepth) return call.fail(call.place, "patterns are nested too deeply");
  std::vector<GeneratorPtr> alternatives;
  for (const std::string_view text : pattern.alternatives) {
    TARN_TRY(GeneratorPtr alternative, make_pattern(text, call));
    alternatives.push_back(std::move(alternative));
  }
  auto render = [alternatives = std::move(alternatives)](RenderState& state, std::string& out) {
    state.random.pick(alternatives)->render(state, out);
  };
  return make_generator(std::move(render));
}

Error unknown_function(const Call& call) {
  return error_at(call.place, fmt::format("unknown function \"{}\"; did you mean \"{}\"?",
                                          call.name, nearest_name(call.name)));
}

}  // namespace

Error Call::fail(Place where, std::string_view message) const {
  return error_at(where, fmt::format("{}: {}", name, message));
}

Status Call::at_most(std::size_t count) const {
  if (arguments.size() <= count) return {};
  const std::string_view plural = count == 1 ? "" : "s";
  return fail(arguments[count].place,
              count == 0 ? std::string("takes no arguments")
                         : fmt::format("takes at most {} argument{}", count, plural));
}

const Value* Call::find(std::size_t index, std::string_view member_name) const {
  if (!arguments.empty() && arguments.front().object() != nullptr)
    return arguments.front().member(member_name);
  return index < arguments.size() ? &arguments[index] : nullptr;
}

Result<double> Call::number(std::size_t index, std::string_view member_name,
                            double otherwise) const {
  const Value* value = find(index, member_name);
  if (value == nullptr) return otherwise;
  if (const double* number = value->number()) return *number;
  return fail(value->place,
              fmt::format("\"{}\" must be a number, not {}", member_name, value->kind()));
}

Result<std::int64_t> Call::whole(std::size_t index, std::string_view member_name,
                                 std::int64_t otherwise, std::int64_t min, std::int64_t max) const {
  TARN_TRY(const double given, number(index, member_name, static_cast<double>(otherwise)));
  const bool fits = given >= static_cast<double>(min) && given <= static_cast<double>(max);
  if (fits && std::trunc(given) == given) return static_cast<std::int64_t>(given);
  return fail(find(index, member_name)->place,
              fmt::format("\"{}\" must be a whole number from {} to {}, not {}", member_name, min,
                          max, given));
}

Result<std::string> Call::text(std::size_t index, std::string_view member_name,
                               std::string_view otherwise) const {
  const Value* value = find(index, member_name);
  if (value == nullptr) return std::string(otherwise);
  if (const std::string* text = value->text()) return *text;
  return fail(value->place,
              fmt::format("\"{}\" must be a text, not {}", member_name, value->kind()));
}

std::span<const std::string_view> words_of(std::string_view name) {
  for (const WordList& list : word_lists()) {
    if (list.name == name) return list.words;
  }
  return {};
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  // Lists that only patterns use have names without a dot.
  for (const WordList& list : word_lists()) {
    if (list.name.find('.') != std::string_view::npos) names.push_back(list.name);
  }
  for (const Pattern& pattern : patterns()) names.push_back(pattern.name);
  for (const auto functions : {random_functions(), date_functions(), internet_functions(),
                               commerce_functions(), text_functions()}) {
    for (const Function& function : functions) names.push_back(function.name);
  }
  for (const Alias& alias : kAliases) names.push_back(alias.name);
  std::sort(names.begin(), names.end());
  return names;
}

Result<GeneratorPtr> make_call(const Call& call) {
  Call meant = call;
  for (const Alias& alias : kAliases) {
    if (alias.name == call.name) meant.name = alias.means;
  }
  if (const Function* function = find_function(meant.name)) return function->make(meant);
  const Pattern* pattern = find_pattern(meant.name);
  const std::span<const std::string_view> words = words_of(meant.name);
  const bool inner_list = meant.name.find('.') == std::string_view::npos && meant.depth == 0;
  if ((pattern == nullptr && words.empty()) || inner_list) return unknown_function(call);
  TARN_CHECK(meant.at_most(0));
  if (pattern != nullptr) return make_alternatives(*pattern, meant);
  return make_words(words);
}

}  // namespace tarn::generator
