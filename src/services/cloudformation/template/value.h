// Value: a part of a template as it was written: scalars, lists and maps, each knowing its line.
//
// Place: services/cloudformation/template; what is read (read.h), and what functions make of it
// (functions.h). CloudFormation cares little for a scalar's type: properties take "true" for true;
// the kind is kept for macros and Fn::ToJsonString. Threads: a value type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace tarn::cloudformation {

class Value {
 public:
  enum class Kind : std::uint8_t {
    kAbsent,  // Ref of AWS::NoValue: whoever holds it drops it
    kNull,
    kBoolean,  // text() is "true" or "false"
    kNumber,   // text() as it was written
    kString,
    kList,
    kMap
  };
  using List = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Map = std::vector<Member>;  // in the order of the template

  Value() = default;
  Value(std::string text) : kind_(Kind::kString), text_(std::move(text)) {}
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  Value(List items) : kind_(Kind::kList), items_(std::move(items)) {}
  Value(Map members) : kind_(Kind::kMap), members_(std::move(members)) {}
  static Value boolean(bool truth);
  static Value number(std::string digits);
  static Value null();

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_absent() const { return kind_ == Kind::kAbsent; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::kString; }
  [[nodiscard]] bool is_list() const { return kind_ == Kind::kList; }
  [[nodiscard]] bool is_map() const { return kind_ == Kind::kMap; }
  [[nodiscard]] bool is_scalar() const;  // boolean, number or string: it has a text

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const List& items() const { return items_; }
  [[nodiscard]] List& items() { return items_; }
  [[nodiscard]] const Map& members() const { return members_; }
  [[nodiscard]] Map& members() { return members_; }
  // Of a map; nullptr where it has no such member, or is none.
  [[nodiscard]] const Value* find(std::string_view name) const;
  void set(std::string name, Value value);

  // Where it began in the template, from 1; 0: it was made here.
  [[nodiscard]] int line() const { return line_; }
  Value at_line(int line) &&;

  // Kinds, texts and order of lists; neither lines nor the order of members.
  [[nodiscard]] bool operator==(const Value& other) const;

 private:
  Kind kind_ = Kind::kAbsent;
  int line_ = 0;
  std::string text_;
  List items_;
  Map members_;
};

// As JSON; numbers as numbers. kAbsent only below a list or map, where it is dropped.
[[nodiscard]] nlohmann::ordered_json to_json(const Value& value);
[[nodiscard]] Value from_json(const nlohmann::ordered_json& json);

// "a map", "the text 'x'": for messages.
[[nodiscard]] std::string describe(const Value& value);

}  // namespace tarn::cloudformation
