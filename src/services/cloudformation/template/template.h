// Template: a template's sections, checked for their form before anything of it is evaluated.
//
// Place: services/cloudformation/template. Threads: a value type.
//
// Source of sections, their members and quotas:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html and
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/template/value.h"

namespace tarn::cloudformation {

inline constexpr std::size_t kMaxParameters = 200;
inline constexpr std::size_t kMaxMappings = 200;
inline constexpr std::size_t kMaxOutputs = 200;
inline constexpr std::size_t kMaxResources = 500;

// Parameters by name, as texts; of a list type with commas.
using ParameterTexts = std::map<std::string, std::string, std::less<>>;

// Of the section Parameters. What has not been written is empty.
struct ParameterDefinition {
  std::string name;
  std::string type;                      // "String", "List<AWS::EC2::Subnet::Id>"
  std::optional<std::string> otherwise;  // Default
  std::string description;
  std::string constraint_description;
  std::optional<std::string> allowed_pattern;
  std::vector<std::string> allowed_values;
  std::optional<std::int64_t> min_length;  // characters
  std::optional<std::int64_t> max_length;
  std::optional<double> min_value;
  std::optional<double> max_value;
  bool no_echo = false;
  int line = 0;
};

// What becomes of a resource that goes with its stack, or is replaced.
enum class Disposal : std::uint8_t { kDelete, kRetain, kSnapshot, kRetainExceptOnCreate };

// Of the section Resources; values as written, not evaluated.
struct ResourceDefinition {
  std::string name;  // the logical id
  std::string type;  // "AWS::S3::Bucket"
  Value properties = Value(Value::Map{});
  std::vector<std::string> depends_on;
  std::string condition;                    // empty: always
  Disposal on_delete = Disposal::kDelete;   // DeletionPolicy
  Disposal on_replace = Disposal::kDelete;  // UpdateReplacePolicy
  bool says_on_delete = false;              // it has a DeletionPolicy
  std::optional<Value> creation_policy;
  std::optional<Value> update_policy;
  std::optional<Value> metadata;
  int line = 0;
};

struct OutputDefinition {
  std::string name;
  Value value;
  std::string description;
  std::string condition;
  std::optional<Value> export_name;  // of Export
  int line = 0;
};

// Of the section Rules: in force where `condition` holds, or always without one.
struct Assertion {
  Value test;
  std::string description;
};
struct Rule {
  std::string name;
  std::optional<Value> condition;
  std::vector<Assertion> assertions;
};

struct Template {
  Value document;  // the whole, as read
  std::string description;
  std::optional<Value> metadata;
  std::vector<std::string> transforms;  // of the section Transform, as written
  std::vector<ParameterDefinition> parameters;
  std::optional<Value> mappings;
  Value::Map conditions;
  std::vector<Rule> rules;
  std::vector<ResourceDefinition> resources;
  std::vector<OutputDefinition> outputs;

  [[nodiscard]] const ParameterDefinition* find_parameter(std::string_view name) const;
  [[nodiscard]] const ResourceDefinition* find_resource(std::string_view name) const;
  [[nodiscard]] const OutputDefinition* find_output(std::string_view name) const;
};

// Loops are unrolled with the list parameters that were `given`. Error: ValidationError (400),
// "Template format error: …" with path and line: a section or member that there is not, a name that
// is not alphanumeric, no resource, more than a quota allows; those of loops.h.
[[nodiscard]] Result<Template> parse_template(std::string_view text,
                                              const ParameterTexts& given = {});
// The same of a document that is read already, such as what a macro gave.
[[nodiscard]] Result<Template> check_template(Value document);

}  // namespace tarn::cloudformation
