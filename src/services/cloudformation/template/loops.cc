#include "services/cloudformation/template/loops.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kLoop = "Fn::ForEach::";

tarn::Error loop_error(std::string_view what, const Value& where) {
  return {"ValidationError",
          fmt::format("Template error: Fn::ForEach {} (line {})", what, where.line()), 400};
}

// A loop's own name and what it is in this turn.
struct Turn {
  std::string name;
  std::string text;
};

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "${Name}" as the text, "&{Name}" as its letters and digits: logical ids have no others.
std::string replaced(std::string text, const Turn& turn) {
  std::string plain;
  std::copy_if(turn.text.begin(), turn.text.end(), std::back_inserter(plain), is_letter_or_digit);
  const std::pair<std::string, const std::string*> forms[] = {{"${" + turn.name + "}", &turn.text},
                                                              {"&{" + turn.name + "}", &plain}};
  for (const auto& [form, by] : forms) {
    for (std::size_t at = text.find(form); at != text.npos; at = text.find(form, at + by->size()))
      text.replace(at, form.size(), *by);
  }
  return text;
}

// A value in one turn: names in texts and keys, and Ref of the name.
Value in_turn(const Value& value, const Turn& turn) {
  if (value.is_map() && value.members().size() == 1) {
    const Value* named = value.find("Ref");
    if (named != nullptr && named->text() == turn.name)
      return Value(turn.text).at_line(value.line());
  }
  switch (value.kind()) {
    case Value::Kind::kString: return Value(replaced(value.text(), turn)).at_line(value.line());
    case Value::Kind::kList: {
      Value::List items;
      for (const Value& item : value.items()) items.push_back(in_turn(item, turn));
      return Value(std::move(items)).at_line(value.line());
    }
    case Value::Kind::kMap: {
      Value::Map members;
      for (const auto& [name, member] : value.members())
        members.emplace_back(replaced(name, turn), in_turn(member, turn));
      return Value(std::move(members)).at_line(value.line());
    }
    default: return value;
  }
}

class Unroller {
 public:
  Unroller(const Value& document, const ParameterTexts& given)
      : parameters_(document.find("Parameters")), given_(given) {}

  Result<Value> value(const Value& from, int depth) const {
    if (from.is_list()) {
      Value::List items;
      for (const Value& item : from.items()) {
        TARN_TRY(Value each, value(item, depth));
        items.push_back(std::move(each));
      }
      return Value(std::move(items)).at_line(from.line());
    }
    if (!from.is_map()) return from;
    Value out = Value(Value::Map()).at_line(from.line());
    for (const auto& [name, member] : from.members()) {
      if (name.starts_with(kLoop)) {
        TARN_CHECK(loop(member, depth + 1, out));
        continue;
      }
      TARN_TRY(Value each, value(member, depth));
      TARN_CHECK(add(name, std::move(each), out));
    }
    return out;
  }

 private:
  static Status add(const std::string& name, Value value, Value& out) {
    if (out.find(name) != nullptr)
      return loop_error(fmt::format("makes the name '{}' twice", name), value);
    out.members().emplace_back(name, std::move(value));
    return {};
  }

  Status loop(const Value& form, int depth, Value& out) const {
    if (depth > kMaxNestedLoops)
      return loop_error(fmt::format("is nested deeper than {}", kMaxNestedLoops), form);
    if (!form.is_list() || form.items().size() != 3 || !form.items()[0].is_string() ||
        !form.items()[2].is_map()) {
      return loop_error("takes a list of three: a name, a list of texts, and a map to repeat",
                        form);
    }
    TARN_TRY(const std::vector<std::string> texts, collection(form.items()[1]));
    for (const std::string& text : texts) {
      // Loops within see what this one's name stands for.
      const Value turned = in_turn(form.items()[2], {form.items()[0].text(), text});
      TARN_TRY(Value made, value(turned, depth));
      for (auto& [name, member] : made.members()) TARN_CHECK(add(name, std::move(member), out));
    }
    return {};
  }

  Result<std::vector<std::string>> collection(const Value& from) const {
    std::vector<std::string> out;
    const Value* named = from.find("Ref");
    if (named != nullptr) return list_parameter(*named);
    if (!from.is_list()) return loop_error("needs a list of texts, or Ref of a list", from);
    for (const Value& item : from.items()) {
      if (const Value* each = item.find("Ref")) {
        TARN_TRY(const std::vector<std::string> more, list_parameter(*each));
        out.insert(out.end(), more.begin(), more.end());
      } else if (item.is_scalar()) {
        out.push_back(item.text());
      } else {
        return loop_error(fmt::format("needs texts in its list, not {}", describe(item)), item);
      }
    }
    return out;
  }

  Result<std::vector<std::string>> list_parameter(const Value& name) const {
    const Value* declared = parameters_ == nullptr ? nullptr : parameters_->find(name.text());
    const Value* otherwise = declared == nullptr ? nullptr : declared->find("Default");
    const auto found = given_.find(name.text());
    if (declared == nullptr || (found == given_.end() && otherwise == nullptr)) {
      return loop_error(
          fmt::format("repeats for {}, which is no parameter with a value", name.text()), name);
    }
    return split_list(found != given_.end() ? found->second : otherwise->text());
  }

  const Value* parameters_;
  const ParameterTexts& given_;
};

// The section Transform without AWS::LanguageExtensions, which has been done.
Value without_extensions(Value document) {
  Value out = Value(Value::Map()).at_line(document.line());
  for (auto& [name, member] : document.members()) {
    if (name != "Transform") {
      out.members().emplace_back(name, std::move(member));
      continue;
    }
    Value::List left;
    for (const Value& each : member.items()) {
      if (each.text() != kLanguageExtensions) left.push_back(each);
    }
    if (!left.empty()) out.members().emplace_back(name, Value(std::move(left)));
  }
  return out;
}

}  // namespace

bool has_language_extensions(const Value& document) {
  const Value* section = document.find("Transform");
  if (section == nullptr) return false;
  const auto is_it = [](const Value& each) {
    return each.text() == kLanguageExtensions;
  };
  return is_it(*section) || std::any_of(section->items().begin(), section->items().end(), is_it);
}

Result<Value> unroll_loops(const Value& document, const ParameterTexts& given) {
  TARN_TRY(Value unrolled, Unroller(document, given).value(document, 0));
  return without_extensions(std::move(unrolled));
}

}  // namespace tarn::cloudformation
