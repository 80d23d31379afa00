// Parameters of a stack: what was given, or else their defaults, checked against the template.
//
// Place: services/cloudformation/template. Threads: pure functions.
//
// Source:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/template/template.h"

namespace tarn::cloudformation {

// By name, as Ref gives them: a text, or a list of texts.
using ParameterValues = std::map<std::string, Value, std::less<>>;

// Whether a value of an AWS-specific type ("AWS::EC2::Subnet::Id") exists; for AWS::SSM types what
// the name leads to. Error: what the service says.
class ParameterLookup {
 public:
  virtual ~ParameterLookup() = default;
  // `type` without List<>.
  [[nodiscard]] virtual Status check(std::string_view type, std::string_view value) const = 0;
  // The value of an SSM parameter.
  [[nodiscard]] virtual Result<std::string> read(std::string_view name) const = 0;
};

// The elements of a list's text ("a, b"), without the spaces around them; an empty text has none.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

// Error: ValidationError (400): a parameter that the template has not, or has without a value; a
// value outside what its parameter allows, with the parameter's ConstraintDescription.
[[nodiscard]] Result<ParameterValues> resolve_parameters(const Template& of,
                                                         const ParameterTexts& given,
                                                         const ParameterLookup& lookup);

}  // namespace tarn::cloudformation
