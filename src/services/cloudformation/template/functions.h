// The intrinsic functions: what a value of a template is once its functions are evaluated.
//
// Place: services/cloudformation/template. Threads: pure functions of what Names gives.
//
// Source of every function's arguments and limits:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "services/cloudformation/template/value.h"

namespace tarn::cloudformation {

// What the names in a template stand for. Errors of all: ValidationError (400), worded for the
// author of the template; the line is added by evaluate().
class Names {
 public:
  virtual ~Names() = default;
  // `Ref`: a parameter, a pseudo parameter or a resource's physical id.
  [[nodiscard]] virtual Result<Value> ref(std::string_view name) const = 0;
  // `Fn::GetAtt`; `attribute` may have dots ("Outputs.BucketName").
  [[nodiscard]] virtual Result<Value> attribute(std::string_view resource,
                                                std::string_view attribute) const = 0;
  [[nodiscard]] virtual Result<bool> condition(std::string_view name) const = 0;
  // `Fn::ImportValue`.
  [[nodiscard]] virtual Result<Value> import(std::string_view name) const = 0;
  // `Fn::GetAZs`; an empty `region` is the stack's.
  [[nodiscard]] virtual Result<Value> zones(std::string_view region) const = 0;
  // The section Mappings; nullptr where there is none.
  [[nodiscard]] virtual const Value* mappings() const = 0;
};

// Every function in it evaluated, and whatever became AWS::NoValue left out. A branch of Fn::If
// that is not taken is not looked at. Error: ValidationError (400).
[[nodiscard]] Result<Value> evaluate(const Value& value, const Names& names);

// A value of the section Conditions, or of an assertion of Rules. Error: as above.
[[nodiscard]] Result<bool> evaluate_condition(const Value& value, const Names& names);

// The name of the function that `value` calls: "Ref", "Fn::Sub"; empty where it calls none.
[[nodiscard]] std::string_view function_of(const Value& value);

// The pieces of a text for Fn::Sub, in order: literal, then name, in turns; "${!x}" is literal.
struct SubPiece {
  std::string text;
  bool is_name = false;
};
// Error: ValidationError where a "${" is not closed or holds no name.
[[nodiscard]] Result<std::vector<SubPiece>> split_sub(std::string_view text);

}  // namespace tarn::cloudformation
