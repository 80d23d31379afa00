// Fn::ForEach: parts of a template that are written once and stand for many.
//
// Place: services/cloudformation/template; comes before the sections are read, and only in a
// template that declares AWS::LanguageExtensions. Threads: pure functions.
//
//     "Fn::ForEach::Topics":
//       - Name
//       - [Success, Failure]
//       - "Topic${Name}": {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}
//
// becomes TopicSuccess and TopicFailure. Source:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
#pragma once

#include <string_view>

#include "base/result.h"
#include "services/cloudformation/template/parameters.h"
#include "services/cloudformation/template/value.h"

namespace tarn::cloudformation {

inline constexpr std::string_view kLanguageExtensions = "AWS::LanguageExtensions";
inline constexpr int kMaxNestedLoops = 5;

// Whether the section Transform names AWS::LanguageExtensions.
[[nodiscard]] bool has_language_extensions(const Value& document);

// The document with every loop unrolled, and AWS::LanguageExtensions out of its Transform. A
// collection may be a list, or Ref of a parameter that is one, given or by default. Error:
// ValidationError (400) with the line: a loop of another form, nested deeper than kMaxNestedLoops,
// a name that stands there twice.
[[nodiscard]] Result<Value> unroll_loops(const Value& document, const ParameterTexts& given);

}  // namespace tarn::cloudformation
