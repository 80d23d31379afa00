// Names that are made up for a resource, for services whose names are short.
//
// Place: services/cloudformation, for the types of resources. Threads: a pure function.
#pragma once

#include <string>

#include "services/cloudformation/resource_type.h"

namespace tarn::cloudformation {

// The order's physical_name, "stack-Logical-1A2B3C4D5E6F", of at most `most` characters: the
// stack's name is shortened first, so that a name still tells what it is of, as on AWS.
[[nodiscard]] inline std::string short_name(const ResourceOrder& order, std::size_t most) {
  constexpr std::size_t kEnd = 13;  // a dash and twelve letters
  const std::string& whole = order.physical_name;
  if (whole.size() <= most) return whole;
  const std::size_t room = most - kEnd - 1;
  const std::string logical = order.logical_id.substr(0, room / 2);
  return order.stack_name.substr(0, room - logical.size()) + "-" + logical +
         whole.substr(whole.size() - kEnd);
}

}  // namespace tarn::cloudformation
