// The functions of record templates, by name.
//
// Place: generator. Three kinds: word lists (words.cc), patterns written in the template language
// itself (patterns.cc), and functions with code and arguments (functions_*.cc). Threads: constants
// and pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "generator/arguments.h"
#include "generator/renderer.h"

namespace tarn::generator {

// One call as it stands in a template, while it is compiled.
struct Call {
  std::string_view name;
  Place place;
  std::vector<Value> arguments;
  std::size_t* time_slots;  // a generator that caches a time takes the next slot
  int depth = 0;            // of patterns within patterns

  // Checks and reads. Errors: kInvalid naming function, argument and place.
  [[nodiscard]] Error fail(Place where, std::string_view message) const;
  [[nodiscard]] Status at_most(std::size_t count) const;
  // The argument at `index` or, where the first argument is an object, its member `name`; nullptr
  // where it is not given.
  [[nodiscard]] const Value* find(std::size_t index, std::string_view name) const;
  [[nodiscard]] Result<double> number(std::size_t index, std::string_view name,
                                      double otherwise) const;
  // A whole number in [min, max].
  [[nodiscard]] Result<std::int64_t> whole(std::size_t index, std::string_view name,
                                           std::int64_t otherwise, std::int64_t min,
                                           std::int64_t max) const;
  [[nodiscard]] Result<std::string> text(std::size_t index, std::string_view name,
                                         std::string_view otherwise) const;
};

using MakeGenerator = Result<GeneratorPtr> (*)(const Call& call);

struct Function {
  std::string_view name;
  MakeGenerator make;
};

struct WordList {
  std::string_view name;
  std::span<const std::string_view> words;
};

struct Pattern {
  std::string_view name;
  std::span<const std::string_view> alternatives;  // each a template; one is drawn
};

[[nodiscard]] std::span<const WordList> word_lists();
[[nodiscard]] std::span<const Pattern> patterns();
[[nodiscard]] std::span<const Function> random_functions();
[[nodiscard]] std::span<const Function> date_functions();
[[nodiscard]] std::span<const Function> internet_functions();
[[nodiscard]] std::span<const Function> commerce_functions();
[[nodiscard]] std::span<const Function> text_functions();

// Words of the list `name`; empty where there is none.
[[nodiscard]] std::span<const std::string_view> words_of(std::string_view name);

// Every known name, sorted.
[[nodiscard]] std::vector<std::string_view> function_names();

// Compiles one call. Errors: kInvalid for an unknown name (with the nearest known one) and for
// wrong arguments.
[[nodiscard]] Result<GeneratorPtr> make_call(const Call& call);

// Compiles a piece of template that stands inside another: newlines stay, `place` is where errors
// point.
[[nodiscard]] Result<GeneratorPtr> make_pattern(std::string_view text, const Call& call);

}  // namespace tarn::generator
