// What requests about stacks share.
//
// Place: services/cloudformation, for the handlers. Threads: the control strand.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/cloudformation/api.h"
#include "services/cloudformation/record.h"

namespace tarn::cloudformation {

[[nodiscard]] inline std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// NotImplemented (501): "CreateStack: RoleARN is not offered."
[[nodiscard]] tarn::Error not_offered(std::string_view action, std::string_view member);

// The place in a list from which a page goes on. Error: ValidationError of a token that was not
// given out.
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& token,
                                           std::size_t size);

// Error: ValidationError where a previous value is asked for that `previous` (nullptr: a new stack)
// has not.
[[nodiscard]] Result<ParameterTexts> texts_of(const std::optional<std::vector<Parameter>>& given,
                                              const StackRecord* previous);
// Error: ValidationError ("aws:").
[[nodiscard]] Result<std::map<std::string, std::string>> tags_of(const std::vector<Tag>& given);

// As they are told: all of the template, those of NoEcho hidden.
[[nodiscard]] std::vector<Parameter> told_parameters(const StackState& stack);
[[nodiscard]] std::vector<Tag> told_tags(const StackState& stack);

}  // namespace tarn::cloudformation
