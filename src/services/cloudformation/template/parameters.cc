#include "services/cloudformation/template/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kList = "List<";
constexpr std::string_view kSsmValue = "AWS::SSM::Parameter::Value<";

tarn::Error invalid(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

// A type, taken apart.
struct Type {
  std::string_view element;  // "String", "Number", "AWS::EC2::Subnet::Id"
  bool is_list = false;
  bool is_ssm = false;  // the text names an SSM parameter that holds the value
};

// nullopt where there is no such type.
std::optional<Type> type_of(std::string_view text) {
  Type type;
  if (text.starts_with(kSsmValue) && text.ends_with('>')) {
    type.is_ssm = true;
    text = text.substr(kSsmValue.size(), text.size() - kSsmValue.size() - 1);
  }
  if (text == "CommaDelimitedList") return Type{"String", true, type.is_ssm};
  if (text.starts_with(kList) && text.ends_with('>')) {
    type.is_list = true;
    text = text.substr(kList.size(), text.size() - kList.size() - 1);
  }
  type.element = text;
  const bool is_aws = text.starts_with("AWS::") && text.find('<') == text.npos;
  if (text != "String" && text != "Number" && !is_aws) return std::nullopt;
  return type;
}

// The characters of UTF-8.
std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What of a parameter's constraints one value breaks; empty: none.
std::string broken_rule(const ParameterDefinition& parameter, std::string_view element,
                        const std::string& value) {
  const auto& allowed = parameter.allowed_values;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end())
    return fmt::format("must be one of AllowedValues: [{}]", fmt::join(allowed, ", "));
  if (parameter.allowed_pattern && !RE2::FullMatch(value, *parameter.allowed_pattern))
    return fmt::format("must match pattern {}", *parameter.allowed_pattern);
  if (parameter.min_length && characters(value) < *parameter.min_length)
    return fmt::format("must contain at least {} characters", *parameter.min_length);
  if (parameter.max_length && characters(value) > *parameter.max_length)
    return fmt::format("must contain at most {} characters", *parameter.max_length);
  if (element != "Number") return {};
  const std::optional<double> number = number_in(value);
  if (!number) return "must be a number";
  if (parameter.min_value && *number < *parameter.min_value)
    return fmt::format("must be a number not less than {}", *parameter.min_value);
  if (parameter.max_value && *number > *parameter.max_value)
    return fmt::format("must be a number not greater than {}", *parameter.max_value);
  return {};
}

Result<Value> resolve(const ParameterDefinition& parameter, std::string text,
                      const ParameterLookup& lookup) {
  const std::optional<Type> type = type_of(parameter.type);
  if (!type) {
    return invalid(fmt::format("Template format error: Unrecognized parameter type: {} (line {})",
                               parameter.type, parameter.line));
  }
  if (type->is_ssm) {
    TARN_TRY(text, lookup.read(text));
  }
  const std::vector<std::string> elements =
      type->is_list ? split_list(text) : std::vector<std::string>{text};
  for (const std::string& each : elements) {
    const std::string rule = broken_rule(parameter, type->element, each);
    if (!rule.empty()) {
      return invalid(parameter.constraint_description.empty()
                         ? fmt::format("Parameter '{}' {}", parameter.name, rule)
                         : fmt::format("Parameter {} failed to satisfy constraint: {}",
                                       parameter.name, parameter.constraint_description));
    }
    if (!type->element.starts_with("AWS::")) continue;
    Status known = lookup.check(type->element, each);
    if (!known.ok()) {
      return invalid(
          fmt::format("Parameter validation failed: parameter value {} for parameter "
                      "name {} does not exist: {}",
                      each, parameter.name, known.error().message));
    }
  }
  if (!type->is_list) return Value(std::move(text));
  Value::List list;
  for (const std::string& each : elements) list.emplace_back(each);
  return Value(std::move(list));
}

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view each = text.substr(0, comma);
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    out.emplace_back(each);
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
  }
  return out;
}

Result<ParameterValues> resolve_parameters(const Template& of, const ParameterTexts& given,
                                           const ParameterLookup& lookup) {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : given) {
    if (of.find_parameter(name) == nullptr) unknown.push_back(name);
  }
  if (!unknown.empty()) {
    return invalid(
        fmt::format("Parameters: [{}] do not exist in the template", fmt::join(unknown, ", ")));
  }
  ParameterValues out;
  std::vector<std::string> missing;
  for (const ParameterDefinition& parameter : of.parameters) {
    const auto found = given.find(parameter.name);
    const std::optional<std::string> text =
        found != given.end() ? std::optional(found->second) : parameter.otherwise;
    if (!text) {
      missing.push_back(parameter.name);
      continue;
    }
    TARN_TRY(Value value, resolve(parameter, *text, lookup));
    out.emplace(parameter.name, std::move(value));
  }
  if (!missing.empty())
    return invalid(fmt::format("Parameters: [{}] must have values", fmt::join(missing, ", ")));
  return out;
}

}  // namespace tarn::cloudformation
