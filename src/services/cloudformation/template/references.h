// What the parts of a template refer to, and the order that follows.
//
// Place: services/cloudformation/template. Threads: pure functions.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/template/template.h"

namespace tarn::cloudformation {

// "AWS::Region" and its kin, which Ref and Sub know without a declaration.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
[[nodiscard]] bool is_pseudo_parameter(std::string_view name);

// One mention of a name.
struct Reference {
  enum class Kind : std::uint8_t { kRef, kAttribute, kCondition };
  Kind kind = Kind::kRef;
  std::string name;  // a parameter, resource or condition
  int line = 0;
};

// All of a value, those of both branches of Fn::If too. Error: ValidationError of a broken Fn::Sub.
[[nodiscard]] Result<std::vector<Reference>> references_of(const Value& value);

// That every name is there: what Ref, Fn::GetAtt, Fn::If, Condition and DependsOn name; and that no
// condition leads back to itself. Error: ValidationError (400) as CloudFormation words it.
[[nodiscard]] Status check_references(const Template& of);

// By resource: which others must be there before it, of those in `present`.
using Dependencies = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

// Error: ValidationError, "Circular dependency between resources: [A, B]".
[[nodiscard]] Result<Dependencies> dependencies_of(
    const Template& of, const std::set<std::string, std::less<>>& present);

}  // namespace tarn::cloudformation
