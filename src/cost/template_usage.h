// TemplateUsage: what a CloudFormation template would run, as far as it can be read as it stands.
//
// Place: cost. Threads: pure functions.
//
// Parameters (given, or their defaults), Ref to them and Fn::FindInMap over them are read, and
// conditions are not: a resource counts as if its condition held. A resource whose numbers come
// from a macro, another stack or another function is told, not guessed.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "cost/usage.h"

namespace tarn::cost {

// The usage of a month of `hours`. `text` is YAML, with the short tags of CloudFormation, or JSON.
// Error: kInvalid (it cannot be read, or has no Resources).
[[nodiscard]] Result<Usage> read_template(const std::string& text,
                                          const std::map<std::string, std::string>& parameters,
                                          double hours);

}  // namespace tarn::cost
