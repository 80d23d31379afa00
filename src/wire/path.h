// Where in an input something is wrong, in the words AWS uses: "records.3.member.partitionKey".
//
// Place: wire, between the codecs and the validator. Threads: a Path lives on the stack of one
// decoder.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/result.h"

namespace tarn::wire {

// A linked list of steps, so that nothing is allocated until an error is worded.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;  // of a member or map key
  std::size_t index = 0;  // of a list element, from 1; 0: not an element

  [[nodiscard]] std::string text() const {
    std::string out = parent != nullptr ? parent->text() : std::string();
    if (index > 0) {
      out += fmt::format(".{}.member", index);
    } else if (!name.empty()) {
      if (!out.empty()) out.push_back('.');
      out.push_back(static_cast<char>(name[0] >= 'A' && name[0] <= 'Z' ? name[0] + 32 : name[0]));
      out.append(name.substr(1));
    }
    return out;
  }
};

inline Error missing_member(const Path& path) {
  return {"ValidationException",
          fmt::format("1 validation error detected: Value null at '{}' failed to satisfy "
                      "constraint: Member must not be null",
                      path.text())};
}

inline Error wrong_type(const Path& path, std::string_view expected, std::string_view found) {
  return {"SerializationException",
          path.text().empty()
              ? fmt::format("The request body must be {}, not {}.", expected, found)
              : fmt::format("'{}' must be {}, not {}.", path.text(), expected, found)};
}

}  // namespace tarn::wire
