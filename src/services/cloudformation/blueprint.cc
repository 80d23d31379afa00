#include "services/cloudformation/blueprint.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tarn::cloudformation {
namespace {

// Resources that give permissions, and the property that gives each a name of the author's choice.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html#using-iam-capabilities
struct IamType {
  std::string_view type;
  std::string_view name_property;  // empty: it has none
};
constexpr std::array<IamType, 8> kIamTypes = {{{"AWS::IAM::AccessKey", ""},
                                               {"AWS::IAM::Group", "GroupName"},
                                               {"AWS::IAM::InstanceProfile", "InstanceProfileName"},
                                               {"AWS::IAM::ManagedPolicy", "ManagedPolicyName"},
                                               {"AWS::IAM::Policy", ""},
                                               {"AWS::IAM::Role", "RoleName"},
                                               {"AWS::IAM::User", "UserName"},
                                               {"AWS::IAM::UserToGroupAddition", ""}}};

tarn::Error invalid_blueprint(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

Status check_types(const Template& read, const ResourceTypes& types) {
  std::set<std::string> unknown;
  for (const ResourceDefinition& resource : read.resources) {
    if (types.find(resource.type) == nullptr) unknown.insert(resource.type);
  }
  if (unknown.empty()) return {};
  return invalid_blueprint(
      fmt::format("Template format error: Unrecognized resource types: [{}]. "
                  "docs/compatibility/cloudformation.md lists those that tarn can make.",
                  fmt::join(unknown, ", ")));
}

Status check_properties(const ResourceDefinition& resource, const ResourceType& type) {
  std::vector<std::string_view> names;
  for (const Property& property : type.properties()) names.push_back(property.name);
  for (const auto& [name, value] : resource.properties.members()) {
    if (type.takes_any_property()) break;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return invalid_blueprint(fmt::format(
        "Properties validation failed for resource {} with message: extraneous key [{}] "
        "is not permitted (line {}); {} takes here: {}",
        resource.name, name, value.line(), resource.type, fmt::join(names, ", ")));
  }
  for (const Property& property : type.properties()) {
    if (!property.is_required || resource.properties.find(property.name) != nullptr) continue;
    return invalid_blueprint(
        fmt::format("Properties validation failed for resource {} with message: required key [{}] "
                    "not found (line {})",
                    resource.name, property.name, resource.line));
  }
  return {};
}

Status check_capabilities(const Template& read, const std::vector<std::string>& given) {
  const NeededCapabilities needed = needed_capabilities(read);
  const auto has = [&](std::string_view name) {
    return std::find(given.begin(), given.end(), name) != given.end();
  };
  for (const std::string& each : needed.capabilities) {
    if (has(each) || (each == "CAPABILITY_IAM" && has("CAPABILITY_NAMED_IAM"))) continue;
    // What macros needed it for is done before; what is left adds nothing.
    if (each == "CAPABILITY_AUTO_EXPAND") continue;
    return tarn::Error("InsufficientCapabilitiesException",
                       fmt::format("Requires capabilities : [{}]", each), 400);
  }
  return {};
}

// Every name of an import in `value`, as it is written.
void collect_imports(const Value& value, std::vector<Value>& out) {
  if (function_of(value) == "Fn::ImportValue") out.push_back(value.members().front().second);
  for (const Value& item : value.items()) collect_imports(item, out);
  for (const auto& [name, member] : value.members()) collect_imports(member, out);
}

}  // namespace

NeededCapabilities needed_capabilities(const Template& read) {
  std::set<std::string> types;
  bool named = false;
  for (const ResourceDefinition& resource : read.resources) {
    for (const auto& [type, name_property] : kIamTypes) {
      if (resource.type != type) continue;
      types.insert(resource.type);
      named =
          named || (!name_property.empty() && resource.properties.find(name_property) != nullptr);
    }
  }
  NeededCapabilities out;
  if (!types.empty()) {
    out.capabilities.emplace_back(named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM");
    out.reason =
        fmt::format("The following resource(s) require capabilities: [{}]", fmt::join(types, ", "));
  }
  if (!read.transforms.empty()) out.capabilities.emplace_back("CAPABILITY_AUTO_EXPAND");
  return out;
}

Result<std::unique_ptr<Blueprint>> Blueprint::draw(const StackRecord& stack,
                                                   const ResourceTypes& types,
                                                   const Surroundings& surroundings) {
  std::unique_ptr<Blueprint> out(new Blueprint);
  TARN_TRY(out->read_, parse_template(stack.text, stack.parameters));
  const Template& read = out->read_;
  TARN_CHECK(check_references(read));
  TARN_CHECK(check_types(read, types));
  TARN_TRY(out->parameters_, resolve_parameters(read, stack.parameters, surroundings));
  out->place_ = {stack.account_id, stack.region, stack.id, stack.name, stack.notification_arns};
  out->names_ = std::make_unique<StackNames>(read, out->parameters_, out->place_, surroundings);
  TARN_CHECK(out->names_->check_rules());
  TARN_TRY(const auto present, out->names_->present_resources());
  TARN_TRY(out->dependencies_, dependencies_of(read, present));
  for (const ResourceDefinition& resource : read.resources) {
    if (present.contains(resource.name))
      TARN_CHECK(check_properties(resource, *types.find(resource.type)));
  }
  TARN_CHECK(check_capabilities(read, stack.capabilities));
  return out;
}

Result<std::vector<std::string>> Blueprint::imports() const {
  std::vector<Value> named;
  for (const ResourceDefinition& resource : read_.resources) {
    if (dependencies_.contains(resource.name)) collect_imports(resource.properties, named);
  }
  for (const OutputDefinition& output : read_.outputs) collect_imports(output.value, named);
  std::set<std::string> out;
  for (const Value& each : named) {
    TARN_TRY(const Value name, evaluate(each, *names_));
    out.insert(name.text());
  }
  return std::vector<std::string>(out.begin(), out.end());
}

Result<std::vector<OutputRecord>> Blueprint::outputs() const {
  std::vector<OutputRecord> out;
  for (const OutputDefinition& output : read_.outputs) {
    bool holds = true;
    if (!output.condition.empty()) {
      TARN_TRY(holds, names_->condition(output.condition));
    }
    if (!holds) continue;
    TARN_TRY(const Value value, evaluate(output.value, *names_));
    if (!value.is_scalar()) {
      return invalid_blueprint(
          fmt::format("Template format error: Output {} is malformed: its value is {}, not a text "
                      "(line {})",
                      output.name, describe(value), output.line));
    }
    OutputRecord each{output.name, value.text(), output.description, {}};
    if (output.export_name) {
      TARN_TRY(const Value name, evaluate(*output.export_name, *names_));
      each.export_name = name.text();
    }
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace tarn::cloudformation
