// Arguments: what stands between the parentheses of a template's function call.
//
// Place: generator. The language is JSON, a little wider, because people write templates by hand:
// strings in single or double quotes, object keys without quotes, a comma before the closing
// bracket, several arguments separated by commas. As in faker.js, text that does not begin like a
// value is one string: {{date.now(YYYY-MM-DD)}}. Threads: value types and pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tarn::generator {

// A place in the template as its author counts: from 1.
struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
};

// The place of byte `offset` of `text`; columns count characters of UTF-8.
[[nodiscard]] Place place_of(std::string_view text, std::size_t offset);

// kInvalid: "template 3:14: MESSAGE".
[[nodiscard]] Error error_at(Place place, std::string_view message);

struct Member;

struct Value {
  using List = std::vector<Value>;
  using Object = std::vector<Member>;  // in the order written

  std::variant<std::monostate, bool, double, std::string, List, Object> content;
  Place place;

  [[nodiscard]] const double* number() const { return std::get_if<double>(&content); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&content); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&content); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&content); }
  // The last member of that name, or nullptr.
  [[nodiscard]] const Value* member(std::string_view name) const;
  // "a number", "a list", … for messages.
  [[nodiscard]] std::string_view kind() const;
  // As JavaScript prints it into a string: 1.50 is 1.5, true is true. Lists and objects are compact
  // JSON (JavaScript would print "[object Object]", which is of use to nobody).
  [[nodiscard]] std::string printed() const;
};

struct Member {
  std::string key;
  Value value;
};

struct Arguments {
  std::vector<Value> values;
  std::size_t end = 0;  // offset of the byte after the closing parenthesis
};

// Reads the arguments of the call whose opening parenthesis stands at `open`.
// Error: kInvalid naming the place of what is wrong.
[[nodiscard]] Result<Arguments> parse_arguments(std::string_view text, std::size_t open);

// A number as JavaScript prints it.
void append_number(double number, std::string& out);

}  // namespace tarn::generator
