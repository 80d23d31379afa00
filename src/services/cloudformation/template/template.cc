#include "services/cloudformation/template/template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/cloudformation/template/functions.h"
#include "services/cloudformation/template/loops.h"
#include "services/cloudformation/template/read.h"

namespace tarn::cloudformation {
namespace {

constexpr std::size_t kMaxDescription = 1024;  // bytes
constexpr std::string_view kFormatVersion = "2010-09-09";

tarn::Error form_error(std::string_view what, int line) {
  std::string message = fmt::format("Template format error: {}", what);
  if (line > 0) message += fmt::format(" (line {})", line);
  return {"ValidationError", std::move(message), 400};
}

bool is_alphanumeric(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// Refuses members that nobody would look at: most are misspelt.
Status expect_members(const Value& map, std::string_view path,
                      std::initializer_list<std::string_view> known) {
  if (!map.is_map()) return form_error(fmt::format("{} must be a map", path), map.line());
  for (const auto& [name, member] : map.members()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return form_error(fmt::format("Invalid template property or properties [{}/{}]; there are: {}",
                                  path, name, fmt::join(known, ", ")),
                      member.line());
  }
  return {};
}

// The text of a member; empty where it is not there.
Result<std::string> text_of(const Value& map, std::string_view name, std::string_view path) {
  const Value* found = map.find(name);
  if (found == nullptr) return std::string();
  if (!found->is_scalar())
    return form_error(fmt::format("{}/{} must be a text", path, name), found->line());
  return found->text();
}

template <class Number>
Result<std::optional<Number>> number_of(const Value& map, std::string_view name,
                                        std::string_view path) {
  TARN_TRY(const std::string text, text_of(map, name, path));
  if (map.find(name) == nullptr) return std::optional<Number>();
  Number number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size())
    return form_error(fmt::format("{}/{} must be a number", path, name), map.find(name)->line());
  return std::optional<Number>(number);
}

// Fills a Template section by section.
class Sections {
 public:
  explicit Sections(Value document) { out_.document = std::move(document); }

  Result<Template> read() {
    const Value& document = out_.document;
    TARN_CHECK(expect_members(
        document, "Template",
        {"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings",
         "Conditions", "Rules", "Transform", "Resources", "Outputs", "Hooks"}));
    TARN_CHECK(head());
    TARN_CHECK(each("Parameters", kMaxParameters, &Sections::parameter));
    TARN_CHECK(each("Mappings", kMaxMappings, &Sections::mapping));
    TARN_CHECK(each("Conditions", SIZE_MAX, &Sections::condition));
    TARN_CHECK(each("Rules", SIZE_MAX, &Sections::rule));
    TARN_CHECK(each("Resources", kMaxResources, &Sections::resource));
    TARN_CHECK(each("Outputs", kMaxOutputs, &Sections::output));
    if (out_.resources.empty())
      return form_error("At least one Resources member must be defined.", document.line());
    return std::move(out_);
  }

 private:
  using Reader = Status (Sections::*)(const std::string& name, const Value& value);

  Status head() {
    const Value& document = out_.document;
    TARN_TRY(const std::string version, text_of(document, "AWSTemplateFormatVersion", "Template"));
    if (!version.empty() && version != kFormatVersion)
      return form_error(fmt::format("AWSTemplateFormatVersion must be \"{}\"", kFormatVersion),
                        document.find("AWSTemplateFormatVersion")->line());
    TARN_TRY(out_.description, text_of(document, "Description", "Template"));
    if (out_.description.size() > kMaxDescription)
      return form_error("Description is longer than 1024 bytes",
                        document.find("Description")->line());
    if (const Value* metadata = document.find("Metadata")) out_.metadata = *metadata;
    if (const Value* mappings = document.find("Mappings")) out_.mappings = *mappings;
    return transform();
  }

  Status transform() {
    const Value* section = out_.document.find("Transform");
    if (section == nullptr) return {};
    const auto add = [&](const Value& each) -> Status {
      if (!each.is_string())
        return form_error("Transform must be the name of a macro, or a list of them", each.line());
      out_.transforms.push_back(each.text());
      return {};
    };
    if (!section->is_list()) return add(*section);
    for (const Value& each : section->items()) TARN_CHECK(add(each));
    return {};
  }

  Status each(std::string_view section, std::size_t most, Reader reader) {
    const Value* found = out_.document.find(section);
    if (found == nullptr) return {};
    if (!found->is_map())
      return form_error(fmt::format("{} must be a map", section), found->line());
    if (found->members().size() > most) {
      return form_error(fmt::format("Number of {}, {}, is greater than maximum allowed, {}",
                                    section, found->members().size(), most),
                        found->line());
    }
    for (const auto& [name, value] : found->members()) {
      if (!is_alphanumeric(name) && section != "Mappings") {
        return form_error(fmt::format("{} name '{}' is non alphanumeric.", section, name),
                          value.line());
      }
      TARN_CHECK((this->*reader)(name, value));
    }
    return {};
  }

  Status parameter(const std::string& name, const Value& value);
  Status mapping(const std::string& name, const Value& value);
  Status condition(const std::string& name, const Value& value);
  Status rule(const std::string& name, const Value& value);
  Status resource(const std::string& name, const Value& value);
  Status output(const std::string& name, const Value& value);

  Template out_;
};

Status Sections::parameter(const std::string& name, const Value& value) {
  const std::string path = "Parameters/" + name;
  TARN_CHECK(expect_members(
      value, path,
      {"Type", "Default", "Description", "ConstraintDescription", "AllowedPattern", "AllowedValues",
       "MinLength", "MaxLength", "MinValue", "MaxValue", "NoEcho"}));
  ParameterDefinition out;
  out.name = name;
  out.line = value.line();
  TARN_TRY(out.type, text_of(value, "Type", path));
  if (out.type.empty())
    return form_error(fmt::format("Every {} object must contain a Type member.", path),
                      value.line());
  if (value.find("Default") != nullptr) {
    TARN_TRY(out.otherwise, text_of(value, "Default", path));
  }
  TARN_TRY(out.description, text_of(value, "Description", path));
  TARN_TRY(out.constraint_description, text_of(value, "ConstraintDescription", path));
  if (value.find("AllowedPattern") != nullptr) {
    TARN_TRY(out.allowed_pattern, text_of(value, "AllowedPattern", path));
  }
  TARN_TRY(out.min_length, number_of<std::int64_t>(value, "MinLength", path));
  TARN_TRY(out.max_length, number_of<std::int64_t>(value, "MaxLength", path));
  TARN_TRY(out.min_value, number_of<double>(value, "MinValue", path));
  TARN_TRY(out.max_value, number_of<double>(value, "MaxValue", path));
  TARN_TRY(const std::string no_echo, text_of(value, "NoEcho", path));
  out.no_echo = no_echo == "true";
  if (const Value* allowed = value.find("AllowedValues")) {
    if (!allowed->is_list())
      return form_error(path + "/AllowedValues must be a list", allowed->line());
    for (const Value& each : allowed->items()) {
      if (!each.is_scalar())
        return form_error(path + "/AllowedValues must hold texts", each.line());
      out.allowed_values.push_back(each.text());
    }
  }
  out_.parameters.push_back(std::move(out));
  return {};
}

Status Sections::mapping(const std::string& name, const Value& value) {
  if (!value.is_map())
    return form_error(fmt::format("Mappings/{} must be a map of maps", name), value.line());
  for (const auto& [key, attributes] : value.members()) {
    if (!attributes.is_map())
      return form_error(fmt::format("Mappings/{}/{} must be a map", name, key), attributes.line());
    for (const auto& [attribute, found] : attributes.members()) {
      if (!function_of(found).empty()) {
        return form_error(fmt::format("Mappings/{}/{}/{} must be a value: functions are not "
                                      "evaluated in mappings",
                                      name, key, attribute),
                          found.line());
      }
    }
  }
  return {};
}

Status Sections::condition(const std::string& name, const Value& value) {
  if (!value.is_map())
    return form_error(fmt::format("Conditions/{} must be a function", name), value.line());
  out_.conditions.emplace_back(name, value);
  return {};
}

Status Sections::rule(const std::string& name, const Value& value) {
  const std::string path = "Rules/" + name;
  TARN_CHECK(expect_members(value, path, {"RuleCondition", "Assertions"}));
  Rule out;
  out.name = name;
  if (const Value* condition = value.find("RuleCondition")) out.condition = *condition;
  const Value* assertions = value.find("Assertions");
  if (assertions == nullptr || !assertions->is_list())
    return form_error(path + "/Assertions must be a list", value.line());
  for (const Value& each : assertions->items()) {
    TARN_CHECK(expect_members(each, path + "/Assertions", {"Assert", "AssertDescription"}));
    if (each.find("Assert") == nullptr)
      return form_error(path + "/Assertions must each have an Assert", each.line());
    Assertion assertion{*each.find("Assert"), {}};
    TARN_TRY(assertion.description, text_of(each, "AssertDescription", path));
    out.assertions.push_back(std::move(assertion));
  }
  out_.rules.push_back(std::move(out));
  return {};
}

Result<Disposal> disposal_of(const Value& resource, std::string_view name, std::string_view path,
                             bool on_delete) {
  TARN_TRY(const std::string text, text_of(resource, name, path));
  if (text.empty() || text == "Delete") return Disposal::kDelete;
  if (text == "Retain") return Disposal::kRetain;
  if (text == "Snapshot") return Disposal::kSnapshot;
  if (text == "RetainExceptOnCreate" && on_delete) return Disposal::kRetainExceptOnCreate;
  return form_error(fmt::format("Unrecognized {} {} for resource [{}]", name, text, path),
                    resource.find(name)->line());
}

Status Sections::resource(const std::string& name, const Value& value) {
  const std::string path = "Resources/" + name;
  TARN_CHECK(expect_members(value, path,
                            {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy",
                             "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy", "Metadata"}));
  ResourceDefinition out;
  out.name = name;
  out.line = value.line();
  TARN_TRY(out.type, text_of(value, "Type", path));
  if (out.type.empty())
    return form_error(fmt::format("[/{}] Every Resources object must contain a Type member.", path),
                      value.line());
  if (const Value* properties = value.find("Properties")) {
    if (!properties->is_map())
      return form_error(fmt::format("[/{}] Properties must be a map", path), properties->line());
    out.properties = *properties;
  }
  if (const Value* depends = value.find("DependsOn")) {
    const Value::List one = {*depends};
    for (const Value& each : depends->is_list() ? depends->items() : one) {
      if (!each.is_string())
        return form_error(path + "/DependsOn must be a text or a list of texts", depends->line());
      out.depends_on.push_back(each.text());
    }
  }
  TARN_TRY(out.condition, text_of(value, "Condition", path));
  TARN_TRY(out.on_delete, disposal_of(value, "DeletionPolicy", path, true));
  out.says_on_delete = value.find("DeletionPolicy") != nullptr;
  TARN_TRY(out.on_replace, disposal_of(value, "UpdateReplacePolicy", path, false));
  if (const Value* found = value.find("CreationPolicy")) out.creation_policy = *found;
  if (const Value* found = value.find("UpdatePolicy")) out.update_policy = *found;
  if (const Value* found = value.find("Metadata")) out.metadata = *found;
  out_.resources.push_back(std::move(out));
  return {};
}

Status Sections::output(const std::string& name, const Value& value) {
  const std::string path = "Outputs/" + name;
  TARN_CHECK(expect_members(value, path, {"Value", "Description", "Condition", "Export"}));
  OutputDefinition out;
  out.name = name;
  out.line = value.line();
  const Value* found = value.find("Value");
  if (found == nullptr)
    return form_error(fmt::format("Every Outputs member must contain a Value object: {}", path),
                      value.line());
  out.value = *found;
  TARN_TRY(out.description, text_of(value, "Description", path));
  TARN_TRY(out.condition, text_of(value, "Condition", path));
  if (const Value* exported = value.find("Export")) {
    TARN_CHECK(expect_members(*exported, path + "/Export", {"Name"}));
    if (exported->find("Name") == nullptr)
      return form_error(path + "/Export must contain a Name", exported->line());
    out.export_name = *exported->find("Name");
  }
  out_.outputs.push_back(std::move(out));
  return {};
}

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const ParameterDefinition* Template::find_parameter(std::string_view name) const {
  return find_named(parameters, name);
}

const ResourceDefinition* Template::find_resource(std::string_view name) const {
  return find_named(resources, name);
}

const OutputDefinition* Template::find_output(std::string_view name) const {
  return find_named(outputs, name);
}

Result<Template> parse_template(std::string_view text, const ParameterTexts& given) {
  TARN_TRY(Value document, read_document(text));
  if (!has_language_extensions(document)) return check_template(std::move(document));
  TARN_TRY(Value unrolled, unroll_loops(document, given));
  TARN_TRY(Template out, check_template(std::move(unrolled)));
  out.transforms.insert(out.transforms.begin(), std::string(kLanguageExtensions));
  return out;
}

Result<Template> check_template(Value document) {
  return Sections(std::move(document)).read();
}

}  // namespace tarn::cloudformation
