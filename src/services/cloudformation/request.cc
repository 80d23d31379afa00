#include "services/cloudformation/request.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "gateway/system_tags.h"
#include "services/cloudformation/template/template.h"

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kHidden = "****";  // of a NoEcho parameter

tarn::Error invalid_argument(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

// What was given then, or else the default of then.
std::optional<std::string> previous_value(const StackRecord& stack, const std::string& name) {
  const auto given = stack.parameters.find(name);
  if (given != stack.parameters.end()) return given->second;
  const auto read = parse_template(stack.text, stack.parameters);
  const ParameterDefinition* found = read.ok() ? read->find_parameter(name) : nullptr;
  return found == nullptr ? std::nullopt : found->otherwise;
}

}  // namespace

tarn::Error not_offered(std::string_view action, std::string_view member) {
  return {"NotImplemented", fmt::format("{}: {} is not offered.", action, member), 501};
}

Result<std::size_t> place_of(const std::optional<std::string>& token, std::size_t size) {
  std::size_t place = 0;
  if (!token) return place;
  const auto [end, failed] = std::from_chars(token->data(), token->data() + token->size(), place);
  if (failed != std::errc() || end != token->data() + token->size() || place > size)
    return invalid_argument("NextToken is none that was given.");
  return place;
}

Result<ParameterTexts> texts_of(const std::optional<std::vector<Parameter>>& given,
                                const StackRecord* previous) {
  ParameterTexts out;
  if (!given) return out;
  for (const Parameter& each : *given) {
    const std::string name = each.parameter_key.value_or("");
    if (!each.use_previous_value.value_or(false)) {
      out[name] = each.parameter_value.value_or("");
      continue;
    }
    if (each.parameter_value) {
      return invalid_argument(fmt::format(
          "Invalid input for parameter key {}. Cannot specify usePreviousValue as true and non "
          "empty value for a parameter",
          name));
    }
    if (previous == nullptr)
      return invalid_argument("UsePreviousValue: a new stack has no previous values");
    const std::optional<std::string> value = previous_value(*previous, name);
    if (!value)
      return invalid_argument(fmt::format("UsePreviousValue: {} has no previous value", name));
    out[name] = *value;
  }
  return out;
}

Result<std::map<std::string, std::string>> tags_of(const std::vector<Tag>& given) {
  std::map<std::string, std::string> out;
  for (const Tag& tag : given) {
    if (gateway::is_system_tag(tag.key)) {
      return invalid_argument("aws: prefixed tag key names are not allowed for external use.");
    }
    out[tag.key] = tag.value;
  }
  return out;
}

std::vector<Parameter> told_parameters(const StackState& stack) {
  std::vector<Parameter> out;
  const auto read = parse_template(stack.text, stack.parameters);
  if (!read.ok()) return out;
  for (const ParameterDefinition& each : read->parameters) {
    const auto given = stack.parameters.find(each.name);
    Parameter& shown = out.emplace_back();
    shown.parameter_key = each.name;
    shown.parameter_value =
        given != stack.parameters.end() ? given->second : each.otherwise.value_or("");
    if (each.no_echo) shown.parameter_value = std::string(kHidden);
  }
  return out;
}

std::vector<Tag> told_tags(const StackState& stack) {
  std::vector<Tag> out;
  for (const auto& [key, value] : stack.tags) out.push_back({key, value});
  return out;
}

}  // namespace tarn::cloudformation
