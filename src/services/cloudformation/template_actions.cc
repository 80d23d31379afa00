#include "services/cloudformation/template_actions.h"

#include <set>
#include <utility>

#include "services/cloudformation/blueprint.h"
#include "services/cloudformation/template/references.h"
#include "services/cloudformation/template/template.h"
#include "wire/json_value.h"

namespace tarn::cloudformation {
namespace {

// Read, and checked as far as it can be without parameters.
Result<Template> checked(std::string_view text) {
  TARN_TRY(Template read, parse_template(text));
  TARN_CHECK(check_references(read));
  std::set<std::string, std::less<>> all;
  for (const ResourceDefinition& resource : read.resources) all.insert(resource.name);
  TARN_TRY(const Dependencies order, dependencies_of(read, all));
  return read;
}

std::optional<std::string> text_or_none(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

template <class OutputDefinition>
void show_needs(const Template& read, OutputDefinition& out) {
  NeededCapabilities needed = needed_capabilities(read);
  if (!needed.capabilities.empty()) out.capabilities = std::move(needed.capabilities);
  out.capabilities_reason = text_or_none(needed.reason);
  if (!read.transforms.empty()) out.declared_transforms = read.transforms;
  out.description = text_or_none(read.description);
}

// Of the types that can be imported: what names a resource, and which the template has.
std::vector<ResourceIdentifierSummary> importable(const CloudFormation& room, const Template& read,
                                                  const std::set<std::string>& types) {
  std::vector<ResourceIdentifierSummary> out;
  for (const std::string& type : types) {
    const std::string_view identifier = room.stacks.identifier_of(type);
    if (identifier.empty()) continue;
    ResourceIdentifierSummary& each = out.emplace_back();
    each.resource_type = type;
    each.resource_identifiers.emplace().emplace_back(identifier);
    auto& names = each.logical_resource_ids.emplace();
    for (const ResourceDefinition& resource : read.resources) {
      if (resource.type == type) names.push_back(resource.name);
    }
  }
  return out;
}

}  // namespace

Task<Result<ValidateTemplateOutput>> handle(ValidateTemplate, CloudFormation& room,
                                            const Caller& caller, ValidateTemplateInput input) {
  TARN_CO_TRY(const std::string text,
              co_await room.source.read(caller, std::move(input.template_body),
                                        std::move(input.template_url)));
  TARN_CO_TRY(const Template read, checked(text));
  ValidateTemplateOutput out;
  show_needs(read, out);
  auto& parameters = out.parameters.emplace();
  for (const ParameterDefinition& parameter : read.parameters) {
    TemplateParameter& shown = parameters.emplace_back();
    shown.parameter_key = parameter.name;
    shown.default_value = parameter.otherwise;
    shown.no_echo = parameter.no_echo;
    shown.description = text_or_none(parameter.description);
  }
  co_return out;
}

Task<Result<GetTemplateSummaryOutput>> handle(GetTemplateSummary, CloudFormation& room,
                                              const Caller& caller, GetTemplateSummaryInput input) {
  std::string text;
  if (input.stack_name) {
    TARN_CO_TRY(const auto stack, room.stacks.find(caller, *input.stack_name));
    text = stack->text;
  } else {
    TARN_CO_TRY(text, co_await room.source.read(caller, std::move(input.template_body),
                                                std::move(input.template_url)));
  }
  TARN_CO_TRY(const Template read, checked(text));
  GetTemplateSummaryOutput out;
  show_needs(read, out);
  out.version = "2010-09-09";
  if (read.metadata) out.metadata = to_json(*read.metadata).dump();
  std::set<std::string> types;
  for (const ResourceDefinition& resource : read.resources) types.insert(resource.type);
  out.resource_types.emplace(types.begin(), types.end());
  out.resource_identifier_summaries = importable(room, read, types);
  auto& parameters = out.parameters.emplace();
  for (const ParameterDefinition& parameter : read.parameters) {
    ParameterDeclaration& shown = parameters.emplace_back();
    shown.parameter_key = parameter.name;
    shown.parameter_type = parameter.type;
    shown.default_value = parameter.otherwise;
    shown.no_echo = parameter.no_echo;
    shown.description = text_or_none(parameter.description);
    ParameterConstraints& constraints = shown.parameter_constraints.emplace();
    if (!parameter.allowed_values.empty()) constraints.allowed_values = parameter.allowed_values;
  }
  co_return out;
}

}  // namespace tarn::cloudformation
