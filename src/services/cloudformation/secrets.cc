#include "services/cloudformation/secrets.h"

#include <utility>

#include "services/cloudformation/template/template.h"
#include "wire/json_value.h"

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kInItsPlace = "****";

std::string without(std::string text, const std::string& secret) {
  for (auto at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kInItsPlace.size()))
    text.replace(at, secret.size(), kInItsPlace);
  return text;
}

}  // namespace

Secrets::Secrets(const StackRecord& stack) {
  add(stack);
  if (stack.before) add(*stack.before);
}

void Secrets::add(const StackState& state) {
  const auto read = parse_template(state.text, state.parameters);
  if (!read.ok()) return;
  for (const ParameterDefinition& each : read->parameters) {
    if (!each.no_echo) continue;
    const auto given = state.parameters.find(each.name);
    std::string value =
        given != state.parameters.end() ? given->second : each.otherwise.value_or("");
    if (!value.empty()) values_.insert(std::move(value));
  }
}

nlohmann::json Secrets::hide(nlohmann::json value) const {
  if (values_.empty()) return value;
  if (value.is_structured()) {
    for (auto& each : value) each = hide(std::move(each));
    return value;
  }
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (!value.is_string()) return values_.contains(text) ? nlohmann::json(kInItsPlace) : value;
  for (const std::string& secret : values_) text = without(std::move(text), secret);
  return text;
}

}  // namespace tarn::cloudformation
