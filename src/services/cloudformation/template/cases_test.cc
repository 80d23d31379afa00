// The cases of template/cases: what templates come to. Each file opens with its form.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "services/cloudformation/template/functions.h"
#include "services/cloudformation/template/parameters.h"
#include "services/cloudformation/template/references.h"
#include "services/cloudformation/template/stack_names.h"
#include "services/cloudformation/template/template.h"
#include "wire/json_value.h"

namespace tarn::cloudformation {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;
using Groups = std::vector<std::vector<std::string>>;

std::string read_case_file(const std::string& name) {
  std::ifstream file(std::string(TARN_TEMPLATE_CASES) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "      ";
  }
  return out;
}

tarn::Error refused(const std::string& text) {
  return {"ValidationError", text, 400};
}

class FixedWorld final : public Surroundings {
 public:
  Result<Value> physical_id(std::string_view resource) const override {
    return Value(fmt::format("{}-id", resource));
  }
  Result<Value> attribute(std::string_view resource, std::string_view attribute) const override {
    if (attribute == "Absent") return refused(fmt::format("{} has no attribute Absent", resource));
    return Value(fmt::format("{}.{}", resource, attribute));
  }
  Result<Value> import(std::string_view name) const override {
    if (name == "shared-vpc") return Value("vpc-1");
    return refused(fmt::format("No export named {} found.", name));
  }
  Result<Value> zones(std::string_view region) const override {
    Value::List out;
    for (const char zone : {'a', 'b', 'c'}) out.emplace_back(fmt::format("{}{}", region, zone));
    return Value(std::move(out));
  }
  Status check(std::string_view /*type*/, std::string_view value) const override {
    return value == "there" ? Status() : Status(refused("it is not there"));
  }
  Result<std::string> read(std::string_view name) const override {
    if (name == "/list") return std::string("a,b");
    if (name == "absent") return refused("there is no parameter absent");
    return fmt::format("value of {}", name);
  }
};

// What a template comes to, as a create-stack would find it before it makes anything.
struct Made {
  Groups order;
  std::map<std::string, Json> outputs;
  Json probe;  // the property Value of the resource Probe
  bool probe_is_there = false;
  std::map<std::string, bool> conditions;
};

Groups groups_of(const Dependencies& dependencies) {
  Groups out;
  std::set<std::string> done;
  while (done.size() < dependencies.size()) {
    std::vector<std::string> group;
    for (const auto& [name, needed] : dependencies) {
      const bool ready = std::all_of(needed.begin(), needed.end(),
                                     [&](const auto& each) { return done.contains(each); });
      if (ready && !done.contains(name)) group.push_back(name);
    }
    done.insert(group.begin(), group.end());
    out.push_back(std::move(group));
  }
  return out;
}

Result<Made> make(const std::string& text, const ParameterTexts& given) {
  const FixedWorld world;
  TARN_TRY(const Template read, parse_template(text, given));
  TARN_CHECK(check_references(read));
  TARN_TRY(const ParameterValues parameters, resolve_parameters(read, given, world));
  const StackPlace place{"111122223333",
                         "us-west-2",
                         "arn:aws:cloudformation:us-west-2:111122223333:stack/probe/1",
                         "probe",
                         {"arn:aws:sns:us-west-2:111122223333:news"}};
  const StackNames names(read, parameters, place, world);
  TARN_CHECK(names.check_rules());
  Made out;
  TARN_TRY(const auto present, names.present_resources());
  TARN_TRY(const Dependencies dependencies, dependencies_of(read, present));
  out.order = groups_of(dependencies);
  for (const auto& [name, value] : read.conditions) {
    TARN_TRY(out.conditions[name], names.condition(name));
  }
  for (const ResourceDefinition& resource : read.resources) {
    if (!present.contains(resource.name)) continue;
    TARN_TRY(const Value properties, evaluate(resource.properties, names));
    const Value* probe = resource.name == "Probe" ? properties.find("Value") : nullptr;
    out.probe_is_there = out.probe_is_there || probe != nullptr;
    if (probe != nullptr) out.probe = to_json(*probe);
  }
  for (const OutputDefinition& output : read.outputs) {
    if (!output.condition.empty()) {
      TARN_TRY(const bool holds, names.condition(output.condition));
      if (!holds) continue;
    }
    TARN_TRY(const Value value, evaluate(output.value, names));
    out.outputs[output.name] = to_json(value);
  }
  return out;
}

// Whether the case expects an error, which was then looked at.
bool expects_error(const YAML::Node& one, const Result<Made>& made) {
  if (!one["error"]) {
    EXPECT_TRUE(made.ok()) << made.error().message;
    return !made.ok();
  }
  EXPECT_FALSE(made.ok());
  if (!made.ok()) {
    EXPECT_EQ(made.error().code, "ValidationError");
    EXPECT_EQ(made.error().http_status, 400);
    EXPECT_THAT(made.error().message, HasSubstr(one["error"].as<std::string>()));
  }
  return true;
}

TEST(TemplateCases, FunctionsGiveTheirValues) {
  const std::string prelude = read_case_file("prelude.yaml");
  const YAML::Node cases = YAML::Load(read_case_file("functions.yaml"));
  for (const auto& one : cases) {
    const auto value = one["value"].as<std::string>();
    SCOPED_TRACE(value);
    const auto made =
        make(prelude + "  Probe:\n    Type: AWS::Test::Thing\n    Properties:\n      Value: " +
                 indented(value) + "\n",
             {});
    if (expects_error(one, made)) continue;
    if (one["length"]) {
      EXPECT_EQ(made->probe.size(), one["length"].as<std::size_t>());
    } else if (one["is"].as<std::string>() == "nothing") {
      EXPECT_FALSE(made->probe_is_there);
    } else {
      EXPECT_EQ(made->probe, Json::parse(one["is"].as<std::string>()));
    }
  }
}

TEST(TemplateCases, ConditionsHoldOrNot) {
  const std::string prelude = read_case_file("prelude.yaml");
  const std::string mark = "Conditions:\n";
  for (const auto& one : YAML::Load(read_case_file("conditions.yaml"))) {
    const auto condition = one["condition"].as<std::string>();
    SCOPED_TRACE(condition);
    std::string text = prelude;
    text.insert(text.find(mark) + mark.size(), "  Probe: " + condition + "\n");
    const auto made = make(text, {});
    if (expects_error(one, made)) continue;
    EXPECT_EQ(made->conditions.at("Probe"), one["holds"].as<bool>());
  }
}

TEST(TemplateCases, LoopsAreUnrolled) {
  const std::string extensions = "Transform: AWS::LanguageExtensions\n";
  for (const auto& one : YAML::Load(read_case_file("loops.yaml"))) {
    SCOPED_TRACE(one["name"].as<std::string>());
    ParameterTexts given;
    for (const auto& each : one["parameters"])
      given.emplace(each.first.as<std::string>(), each.second.as<std::string>());
    const auto text = extensions + one["template"].as<std::string>();
    const auto made = make(text, given);
    if (expects_error(one, made)) continue;
    const auto read = parse_template(text, given);
    Json resources = Json::object();
    for (const ResourceDefinition& resource : read->resources)
      resources[resource.name] = to_json(resource.properties);
    EXPECT_EQ(resources, Json::parse(one["resources"].as<std::string>()));
    EXPECT_THAT(read->transforms, testing::ElementsAre("AWS::LanguageExtensions"));
  }
}

TEST(TemplateCases, ParametersAreWhatTheirTypeAllows) {
  for (const auto& one : YAML::Load(read_case_file("parameters.yaml"))) {
    const auto parameter = one["parameter"].as<std::string>();
    SCOPED_TRACE(parameter);
    ParameterTexts given;
    if (one["given"]) given.emplace("P", one["given"].as<std::string>());
    const auto made = make("Parameters:\n  P: " + parameter +
                               "\nResources:\n  Probe:\n    Type: AWS::Test::Thing\n"
                               "    Properties: {Value: !Ref P}\n",
                           given);
    if (expects_error(one, made)) continue;
    EXPECT_EQ(made->probe, Json::parse(one["is"].as<std::string>()));
  }
}

TEST(TemplateCases, TemplatesComeToAnOrderOrAnError) {
  for (const auto& one : YAML::Load(read_case_file("templates.yaml"))) {
    SCOPED_TRACE(one["name"].as<std::string>());
    ParameterTexts given;
    for (const auto& each : one["parameters"])
      given.emplace(each.first.as<std::string>(), each.second.as<std::string>());
    const auto made = make(one["template"].as<std::string>(), given);
    if (expects_error(one, made)) continue;
    if (one["order"]) {
      EXPECT_EQ(made->order, one["order"].as<Groups>());
    }
    std::map<std::string, Json> outputs;
    for (const auto& each : one["outputs"])
      outputs[each.first.as<std::string>()] = each.second.as<std::string>();
    EXPECT_EQ(made->outputs, outputs);
  }
}

// Quotas: at each, and one past it.
std::string many(std::size_t count, const std::string& section, const std::string& each) {
  std::string out = section + ":\n";
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("  N{}: {}\n", i, each);
  return out;
}

TEST(TemplateQuotas, HoldAtTheLimitAndNotOnePastIt) {
  const std::string one = many(1, "Resources", "{Type: 'AWS::Test::Thing'}");
  const std::string thing = "{Type: 'AWS::Test::Thing'}";
  const std::string parameter = "{Type: String, Default: x}";
  EXPECT_TRUE(make(many(500, "Resources", thing), {}).ok());
  EXPECT_THAT(make(many(501, "Resources", thing), {}).error().message,
              HasSubstr("Number of Resources, 501, is greater than maximum allowed, 500"));
  EXPECT_TRUE(make(one + many(200, "Parameters", parameter), {}).ok());
  EXPECT_FALSE(make(one + many(201, "Parameters", parameter), {}).ok());
  EXPECT_TRUE(make(one + many(200, "Outputs", "{Value: x}"), {}).ok());
  EXPECT_FALSE(make(one + many(201, "Outputs", "{Value: x}"), {}).ok());
  EXPECT_TRUE(make(one + many(200, "Mappings", "{k: {a: b}}"), {}).ok());
  EXPECT_FALSE(make(one + many(201, "Mappings", "{k: {a: b}}"), {}).ok());
  EXPECT_TRUE(make(one + "Description: " + std::string(1024, 'x') + "\n", {}).ok());
  EXPECT_FALSE(make(one + "Description: " + std::string(1025, 'x') + "\n", {}).ok());
}

}  // namespace
}  // namespace tarn::cloudformation
