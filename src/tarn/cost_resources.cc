#include "tarn/cost_resources.h"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/template/functions.h"
#include "services/cloudformation/template/parameters.h"
#include "services/cloudformation/template/stack_names.h"
#include "services/cloudformation/template/template.h"
#include "wire/json_value.h"

namespace tarn::app {
namespace {

namespace cfn = cloudformation;
using cfn::Value;

constexpr std::string_view kVersion = "2010-05-15";
constexpr std::string_view kStackType = "AWS::CloudFormation::Stack";

// A world in which nothing is there yet: whatever refers to it has a name for a value.
class Unmade final : public cfn::Surroundings {
 public:
  Status check(std::string_view /*type*/, std::string_view /*value*/) const override { return {}; }
  Result<std::string> read(std::string_view name) const override { return std::string(name); }
  Result<Value> physical_id(std::string_view resource) const override { return named(resource); }
  Result<Value> attribute(std::string_view resource, std::string_view attribute) const override {
    return named(fmt::format("{}.{}", resource, attribute));
  }
  Result<Value> import(std::string_view name) const override { return named(name); }
  Result<Value> zones(std::string_view region) const override {
    Value::List out;
    for (const char zone : {'a', 'b', 'c'}) out.push_back(named(fmt::format("{}{}", region, zone)));
    return Value(std::move(out));
  }

 private:
  static Value named(std::string_view name) { return Value(std::string(name)); }
};

bool is_whole(const Value& value) {
  if (cfn::function_of(value) == "Fn::Transform") return false;
  for (const Value& item : value.items()) {
    if (!is_whole(item)) return false;
  }
  for (const auto& [name, member] : value.members()) {
    if (!is_whole(member)) return false;
  }
  return true;
}

}  // namespace

Result<std::vector<cost::Resource>> resources_of_template(
    const std::string& text, const std::map<std::string, std::string>& parameters,
    std::vector<std::string>& not_counted) {
  const cfn::ParameterTexts given(parameters.begin(), parameters.end());
  TARN_TRY(const cfn::Template read, cfn::parse_template(text, given));
  const Unmade world;
  TARN_TRY(const cfn::ParameterValues values, cfn::resolve_parameters(read, given, world));
  const cfn::StackPlace place{"123456789012", "us-west-2", "stack", "stack", {}};
  const cfn::StackNames names(read, values, place, world);
  TARN_TRY(const auto present, names.present_resources());
  std::vector<cost::Resource> out;
  for (const cfn::ResourceDefinition& each : read.resources) {
    if (!present.contains(each.name)) continue;
    if (!is_whole(each.properties)) {
      not_counted.push_back(fmt::format(
          "{}: a macro says what it is: make the stack, and estimate that by its name", each.name));
      continue;
    }
    TARN_TRY(const Value properties, cfn::evaluate(each.properties, names));
    out.push_back({each.name, each.type, wire::parse_json(cfn::to_json(properties).dump())});
  }
  return out;
}

Result<std::vector<cost::Resource>> resources_of_stack(const AwsCalls& calls,
                                                       const std::string& name) {
  std::vector<cost::Resource> out;
  std::set<std::string> told;
  AwsCalls::Parameters input = {{"StackName", name}};
  do {
    TARN_TRY(const auto page,
             calls.query("cloudformation", kVersion, "DescribeStackEvents", input));
    // The newest first: what a resource is now.
    for (const nlohmann::json& event : list_in(page, "StackEvents")) {
      const std::string resource = text_in(event, "LogicalResourceId");
      const std::string type = text_in(event, "ResourceType");
      const std::string id = text_in(event, "PhysicalResourceId");
      const bool is_the_stack = id == text_in(event, "StackId");
      if (is_the_stack || !told.insert(resource).second) continue;
      if (text_in(event, "ResourceStatus").starts_with("DELETE")) continue;
      if (type == kStackType) {
        TARN_TRY(auto nested, resources_of_stack(calls, id));
        for (cost::Resource& each : nested) out.push_back(std::move(each));
        continue;
      }
      const auto properties = wire::parse_json(text_in(event, "ResourceProperties"));
      if (properties.is_object()) out.push_back({resource, type, properties});
    }
    input["NextToken"] = text_in(page, "NextToken");
  } while (!input["NextToken"].empty());
  return out;
}

}  // namespace tarn::app
