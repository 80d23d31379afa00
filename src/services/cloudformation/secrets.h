// Secrets: the values of a stack's NoEcho parameters, which no event may tell.
//
// Place: services/cloudformation, for operation.cc. Source:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
// Threads: a value.
#pragma once

#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "services/cloudformation/record.h"

namespace tarn::cloudformation {

class Secrets {
 public:
  // Of the stack, and of what it was before an update.
  explicit Secrets(const StackRecord& stack);

  // With "****" in their place, also within longer texts.
  [[nodiscard]] nlohmann::json hide(nlohmann::json value) const;

 private:
  void add(const StackState& state);

  std::set<std::string> values_;
};

}  // namespace tarn::cloudformation
