// Reading a template: YAML 1.1 with CloudFormation's short tags, or JSON, which is read as YAML.
//
// Place: services/cloudformation/template. Threads: pure functions.
//
// `!Sub x` is read as {"Fn::Sub": "x"}, `!Ref x` and `!Condition x` as {"Ref": "x"} and
// {"Condition": "x"}, `!GetAtt a.b.c` as {"Fn::GetAtt": ["a", "b.c"]}. Source of what is taken:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
#pragma once

#include <string_view>

#include "base/result.h"
#include "services/cloudformation/template/value.h"

namespace tarn::cloudformation {

// Error: ValidationError (400), "Template format error: …" with the line: no YAML; aliases, hash
// merges and tags of YAML that CloudFormation does not take; a key twice; deeper than 100.
[[nodiscard]] Result<Value> read_document(std::string_view text);

}  // namespace tarn::cloudformation
