#include "services/cloudformation/template/functions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/cloudformation/template/address_blocks.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::cloudformation {
namespace {

// "[…]: what a function takes", as CloudFormation words it.
tarn::Error misused(std::string_view function, std::string_view rule, const Value& where) {
  std::string message = fmt::format("Template error: {} {}", function, rule);
  if (where.line() > 0) message += fmt::format(" (line {})", where.line());
  return {"ValidationError", std::move(message), 400};
}

tarn::Error with_line(tarn::Error error, const Value& where) {
  if (where.line() > 0 && error.message.find("(line ") == std::string::npos)
    error.message += fmt::format(" (line {})", where.line());
  return error;
}

class Evaluation {
 public:
  explicit Evaluation(const Names& names) : names_(names) {}

  Result<Value> value(const Value& given) const {
    const std::string_view function = function_of(given);
    if (!function.empty()) return call(function, given);
    if (given.is_list()) return list(given);
    if (given.is_map()) return map(given);
    return given;
  }

  Result<bool> condition(const Value& given) const;

 private:
  using Function = Result<Value> (Evaluation::*)(const Value& argument) const;

  Result<Value> list(const Value& given) const {
    Value::List out;
    for (const Value& item : given.items()) {
      TARN_TRY(Value each, value(item));
      if (!each.is_absent()) out.push_back(std::move(each));
    }
    return Value(std::move(out)).at_line(given.line());
  }

  Result<Value> map(const Value& given) const {
    Value::Map out;
    for (const auto& [name, member] : given.members()) {
      TARN_TRY(Value each, value(member));
      if (!each.is_absent()) out.emplace_back(name, std::move(each));
    }
    return Value(std::move(out)).at_line(given.line());
  }

  Result<Value> call(std::string_view function, const Value& given) const {
    const Value& argument = given.members().front().second;
    for (const auto& [name, implementation] : kFunctions) {
      if (name != function) continue;
      auto made = (this->*implementation)(argument);
      if (!made.ok()) return with_line(std::move(made).error(), given);
      return std::move(made).value().at_line(given.line());
    }
    return misused(function, "is not a function that CloudFormation knows here", given);
  }

  // The evaluated elements of a list with that many of them.
  Result<Value::List> arguments(std::string_view function, const Value& argument, std::size_t least,
                                std::size_t most, std::string_view rule) const {
    if (!argument.is_list() || argument.items().size() < least || argument.items().size() > most)
      return misused(function, rule, argument);
    TARN_TRY(Value made, list(argument));
    if (made.items().size() < least) return misused(function, rule, argument);
    return std::move(made.items());
  }

  Result<Value> ref(const Value& argument) const;
  Result<Value> get_att(const Value& argument) const;
  Result<Value> sub(const Value& argument) const;
  Result<Value> find_in_map(const Value& argument) const;
  Result<Value> select(const Value& argument) const;
  Result<Value> split(const Value& argument) const;
  Result<Value> join(const Value& argument) const;
  Result<Value> get_azs(const Value& argument) const;
  Result<Value> import_value(const Value& argument) const;
  Result<Value> cidr(const Value& argument) const;
  Result<Value> base64(const Value& argument) const;
  Result<Value> choose(const Value& argument) const;
  Result<Value> length(const Value& argument) const;
  Result<Value> to_json_string(const Value& argument) const;
  // Where a truth is used as a value.
  template <Result<bool> (Evaluation::*kTest)(const Value&) const>
  Result<Value> truth(const Value& argument) const {
    TARN_TRY(const bool holds, (this->*kTest)(argument));
    return Value::boolean(holds);
  }

  Result<bool> equals(const Value& argument) const;
  Result<bool> all(const Value& argument) const;
  Result<bool> any(const Value& argument) const;
  Result<bool> none(const Value& argument) const;
  Result<bool> contains(const Value& argument) const;
  Result<bool> each_member_equals(const Value& argument) const;
  Result<bool> each_member_in(const Value& argument) const;

  Result<Value> named(std::string_view name) const {
    const std::size_t dot = name.find('.');
    if (dot == name.npos) return names_.ref(name);
    return names_.attribute(name.substr(0, dot), name.substr(dot + 1));
  }

  static const std::array<std::pair<std::string_view, Function>, 14> kFunctions;

  const Names& names_;
};

const std::array<std::pair<std::string_view, Evaluation::Function>, 14> Evaluation::kFunctions = {{
    {"Ref", &Evaluation::ref},
    {"Fn::GetAtt", &Evaluation::get_att},
    {"Fn::Sub", &Evaluation::sub},
    {"Fn::FindInMap", &Evaluation::find_in_map},
    {"Fn::Select", &Evaluation::select},
    {"Fn::Split", &Evaluation::split},
    {"Fn::Join", &Evaluation::join},
    {"Fn::GetAZs", &Evaluation::get_azs},
    {"Fn::ImportValue", &Evaluation::import_value},
    {"Fn::Cidr", &Evaluation::cidr},
    {"Fn::Base64", &Evaluation::base64},
    {"Fn::If", &Evaluation::choose},
    {"Fn::Length", &Evaluation::length},
    {"Fn::ToJsonString", &Evaluation::to_json_string},
}};

Result<Value> Evaluation::ref(const Value& argument) const {
  if (!argument.is_string()) return misused("Ref", "takes the name of one thing", argument);
  return names_.ref(argument.text());
}

Result<Value> Evaluation::get_att(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires two non-empty parameters, the resource name and the resource attribute";
  if (argument.is_string() && argument.text().find('.') != std::string::npos)
    return named(argument.text());
  if (!argument.is_list() || argument.items().size() != 2 || !argument.items()[0].is_string())
    return misused("every Fn::GetAtt", kRule, argument);
  TARN_TRY(const Value attribute, value(argument.items()[1]));
  if (!attribute.is_string() || attribute.text().empty() || argument.items()[0].text().empty())
    return misused("every Fn::GetAtt", kRule, argument);
  return names_.attribute(argument.items()[0].text(), attribute.text());
}

Result<Value> Evaluation::sub(const Value& argument) const {
  constexpr std::string_view kRule =
      "object must be a text, or a list of a text and a map of names to values";
  const bool is_pair = argument.is_list() && argument.items().size() == 2 &&
                       argument.items()[0].is_string() && argument.items()[1].is_map();
  if (!argument.is_scalar() && !is_pair) return misused("every Fn::Sub", kRule, argument);
  const Value& text = is_pair ? argument.items()[0] : argument;
  const Value none(Value::Map{});
  TARN_TRY(const Value own, map(is_pair ? argument.items()[1] : none));
  TARN_TRY(const std::vector<SubPiece> pieces, split_sub(text.text()));
  std::string out;
  for (const SubPiece& piece : pieces) {
    if (!piece.is_name) {
      out += piece.text;
      continue;
    }
    const Value* found = own.find(piece.text);
    Value made;
    if (found != nullptr) {
      made = *found;
    } else {
      TARN_TRY(made, named(piece.text));
    }
    if (!made.is_scalar()) {
      return misused(
          "Fn::Sub",
          fmt::format("needs a text for ${{{}}}, which is {}", piece.text, describe(made)), text);
    }
    out += made.text();
  }
  return Value(std::move(out));
}

Result<Value> Evaluation::find_in_map(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires three parameters, the map name, map key and the attribute for return value";
  TARN_TRY(const Value::List keys, arguments("every Fn::FindInMap", argument, 3, 4, kRule));
  const Value* found = names_.mappings();
  for (std::size_t i = 0; i < 3; ++i) {
    if (!keys[i].is_scalar()) return misused("every Fn::FindInMap", kRule, argument);
    found = found == nullptr ? nullptr : found->find(keys[i].text());
  }
  if (found != nullptr) return *found;
  // A default comes with AWS::LanguageExtensions.
  const Value* otherwise = keys.size() == 4 ? keys[3].find("DefaultValue") : nullptr;
  if (otherwise != nullptr) return *otherwise;
  return misused("Unable to get mapping for",
                 fmt::format("{}::{}::{}", keys[0].text(), keys[1].text(), keys[2].text()),
                 argument);
}

Result<Value> Evaluation::select(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires two non-empty parameters, the first an integer index and the second a list";
  TARN_TRY(const Value::List both, arguments("every Fn::Select", argument, 2, 2, kRule));
  if (!both[0].is_scalar() || !both[1].is_list())
    return misused("every Fn::Select", kRule, argument);
  std::size_t index = 0;
  const std::string& digits = both[0].text();
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (failed != std::errc() || end != digits.data() + digits.size())
    return misused("every Fn::Select", kRule, argument);
  if (index >= both[1].items().size()) {
    return misused("Fn::Select", fmt::format("cannot select nonexistent value at index {}", index),
                   argument);
  }
  return both[1].items()[index];
}

Result<Value> Evaluation::split(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires two parameters, (1) a string delimiter and (2) a string to be split";
  TARN_TRY(const Value::List both, arguments("every Fn::Split", argument, 2, 2, kRule));
  if (!both[0].is_scalar() || !both[1].is_scalar() || both[0].text().empty())
    return misused("every Fn::Split", kRule, argument);
  Value::List out;
  std::string_view rest = both[1].text();
  while (true) {
    const std::size_t at = rest.find(both[0].text());
    out.emplace_back(rest.substr(0, at));
    if (at == rest.npos) return Value(std::move(out));
    rest.remove_prefix(at + both[0].text().size());
  }
}

Result<Value> Evaluation::join(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires two parameters, (1) a string delimiter and (2) a list of strings to be "
      "joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined";
  TARN_TRY(const Value::List both, arguments("every Fn::Join", argument, 2, 2, kRule));
  if (!both[0].is_scalar() || !both[1].is_list()) return misused("every Fn::Join", kRule, argument);
  std::string out;
  bool is_first = true;
  for (const Value& item : both[1].items()) {
    if (!item.is_scalar()) return misused("every Fn::Join", kRule, argument);
    if (!std::exchange(is_first, false)) out += both[0].text();
    out += item.text();
  }
  return Value(std::move(out));
}

Result<Value> Evaluation::get_azs(const Value& argument) const {
  TARN_TRY(const Value region, value(argument));
  if (!region.is_scalar()) return misused("Fn::GetAZs", "takes the name of one Region", argument);
  return names_.zones(region.text());
}

Result<Value> Evaluation::import_value(const Value& argument) const {
  TARN_TRY(const Value name, value(argument));
  if (!name.is_scalar()) return misused("Fn::ImportValue", "takes the name of an export", argument);
  return names_.import(name.text());
}

Result<Value> Evaluation::cidr(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires a block of addresses, a count of 1 to 256 and the bits of a subnet";
  TARN_TRY(const Value::List all, arguments("every Fn::Cidr", argument, 2, 3, kRule));
  const auto is_scalar = [](const Value& each) {
    return each.is_scalar();
  };
  if (!std::all_of(all.begin(), all.end(), is_scalar))
    return misused("every Fn::Cidr", kRule, argument);
  TARN_TRY(const std::vector<std::string> blocks,
           divide_block(all[0].text(), all[1].text(), all.size() > 2 ? all[2].text() : ""));
  Value::List out;
  for (const std::string& block : blocks) out.emplace_back(block);
  return Value(std::move(out));
}

Result<Value> Evaluation::base64(const Value& argument) const {
  TARN_TRY(const Value text, value(argument));
  if (!text.is_scalar())
    return misused("every Fn::Base64", "object must have a String-typed value", argument);
  return Value(wire::to_base64(text.text()));
}

Result<Value> Evaluation::choose(const Value& argument) const {
  if (!argument.is_list() || argument.items().size() != 3 || !argument.items()[0].is_string()) {
    return misused("Fn::If",
                   "requires a list argument with 3 elements: a condition's name and two values",
                   argument);
  }
  TARN_TRY(const bool holds, names_.condition(argument.items()[0].text()));
  return value(argument.items()[holds ? 1 : 2]);
}

Result<Value> Evaluation::length(const Value& argument) const {
  TARN_TRY(const Value counted, value(argument));
  if (!counted.is_list()) return misused("Fn::Length", "takes a list", argument);
  return Value::number(std::to_string(counted.items().size()));
}

Result<Value> Evaluation::to_json_string(const Value& argument) const {
  TARN_TRY(const Value made, value(argument));
  if (!made.is_list() && !made.is_map())
    return misused("Fn::ToJsonString", "takes a map or a list", argument);
  return Value(to_json(made).dump());
}

Result<bool> Evaluation::condition(const Value& given) const {
  using Test = Result<bool> (Evaluation::*)(const Value&) const;
  static constexpr std::array<std::pair<std::string_view, Test>, 7> kTests = {{
      {"Fn::Equals", &Evaluation::equals},
      {"Fn::And", &Evaluation::all},
      {"Fn::Or", &Evaluation::any},
      {"Fn::Not", &Evaluation::none},
      {"Fn::Contains", &Evaluation::contains},
      {"Fn::EachMemberEquals", &Evaluation::each_member_equals},
      {"Fn::EachMemberIn", &Evaluation::each_member_in},
  }};
  if (!given.is_map() || given.members().size() != 1) {
    return misused("A condition", "must be one call of Fn::Equals, Fn::And, Fn::Or or Fn::Not",
                   given);
  }
  const auto& [name, argument] = given.members().front();
  if (name == "Condition" && argument.is_string()) {
    auto holds = names_.condition(argument.text());
    if (!holds.ok()) return with_line(std::move(holds).error(), given);
    return holds;
  }
  for (const auto& [known, test] : kTests) {
    if (known == name) return (this->*test)(argument);
  }
  return misused(name, "is no condition: those are Fn::Equals, Fn::And, Fn::Or and Fn::Not", given);
}

Result<bool> Evaluation::equals(const Value& argument) const {
  TARN_TRY(const Value::List both, arguments("every Fn::Equals", argument, 2, 2,
                                             "object requires a list of 2 string parameters"));
  // 1 is "1" and true is "true".
  if (both[0].is_scalar() && both[1].is_scalar()) return both[0].text() == both[1].text();
  return both[0] == both[1];
}

Result<bool> Evaluation::all(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires a list of at least 2 and at most 10 conditions";
  if (!argument.is_list() || argument.items().size() < 2 || argument.items().size() > 10)
    return misused("every Fn::And", kRule, argument);
  for (const Value& each : argument.items()) {
    TARN_TRY(const bool holds, condition(each));
    if (!holds) return false;
  }
  return true;
}

Result<bool> Evaluation::any(const Value& argument) const {
  constexpr std::string_view kRule =
      "object requires a list of at least 2 and at most 10 conditions";
  if (!argument.is_list() || argument.items().size() < 2 || argument.items().size() > 10)
    return misused("every Fn::Or", kRule, argument);
  for (const Value& each : argument.items()) {
    TARN_TRY(const bool holds, condition(each));
    if (holds) return true;
  }
  return false;
}

Result<bool> Evaluation::none(const Value& argument) const {
  if (!argument.is_list() || argument.items().size() != 1)
    return misused("every Fn::Not", "object requires a list of one condition", argument);
  TARN_TRY(const bool holds, condition(argument.items().front()));
  return !holds;
}

// The functions of Rules.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html
Result<bool> Evaluation::contains(const Value& argument) const {
  TARN_TRY(const Value::List both,
           arguments("Fn::Contains", argument, 2, 2, "takes a list of texts and a text"));
  const auto& texts = both[0].items();
  return std::any_of(texts.begin(), texts.end(),
                     [&](const Value& each) { return each.text() == both[1].text(); });
}

Result<bool> Evaluation::each_member_equals(const Value& argument) const {
  TARN_TRY(const Value::List both,
           arguments("Fn::EachMemberEquals", argument, 2, 2, "takes a list of texts and a text"));
  const auto& texts = both[0].items();
  return std::all_of(texts.begin(), texts.end(),
                     [&](const Value& each) { return each.text() == both[1].text(); });
}

Result<bool> Evaluation::each_member_in(const Value& argument) const {
  TARN_TRY(const Value::List both,
           arguments("Fn::EachMemberIn", argument, 2, 2, "takes two lists of texts"));
  const auto& wanted = both[1].items();
  const auto is_wanted = [&](const Value& each) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const Value& one) { return one.text() == each.text(); });
  };
  return std::all_of(both[0].items().begin(), both[0].items().end(), is_wanted);
}

}  // namespace

Result<Value> evaluate(const Value& value, const Names& names) {
  return Evaluation(names).value(value);
}

Result<bool> evaluate_condition(const Value& value, const Names& names) {
  return Evaluation(names).condition(value);
}

std::string_view function_of(const Value& value) {
  if (!value.is_map() || value.members().size() != 1) return {};
  const auto& [name, argument] = value.members().front();
  if (name == "Ref" && argument.is_string()) return name;
  return name.starts_with("Fn::") ? std::string_view(name) : std::string_view();
}

Result<std::vector<SubPiece>> split_sub(std::string_view text) {
  std::vector<SubPiece> out;
  while (!text.empty()) {
    const std::size_t open = text.find("${");
    if (open != 0) out.push_back({std::string(text.substr(0, open)), false});
    if (open == text.npos) break;
    const std::size_t close = text.find('}', open);
    if (close == text.npos) {
      return tarn::Error("ValidationError",
                         "Template error: a \"${\" in Fn::Sub is not closed by \"}\"", 400);
    }
    std::string_view name = text.substr(open + 2, close - open - 2);
    if (name.starts_with('!')) {
      out.push_back({fmt::format("${{{}}}", name.substr(1)), false});
    } else {
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == ':';
      });
      if (!is_name) {
        return tarn::Error(
            "ValidationError",
            fmt::format("Template error: variable names in Fn::Sub syntax must contain "
                        "only alphanumeric characters, periods, and colons: ${{{}}}",
                        name),
            400);
      }
      out.push_back({std::string(name), true});
    }
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace tarn::cloudformation
