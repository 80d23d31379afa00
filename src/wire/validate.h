// The validator: the constraints of the models (lengths, sizes, ranges, patterns, enums) checked
// before a handler runs.
//
// Place: wire; owned by the gateway's chain. Threads: constant after its construction.
//
// Messages are worded as AWS words them: "1 validation error detected: Value '' at 'streamName'
// failed to satisfy constraint: Member must have length greater than or equal to 1".
#pragma once

#include <memory>
#include <unordered_map>

#include "base/result.h"
#include "wire/schema.h"

namespace re2 {
class RE2;
}

namespace tarn::wire {

class Validator {
 public:
  Validator();
  ~Validator();
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  // Compiles the patterns that `schema` reaches. A pattern that RE2 does not know (Java's \uXXXX
  // ranges) is not checked.
  void prepare(const Schema& schema);

  // Error: ValidationException, for the first member that is out of its bounds, by its path.
  [[nodiscard]] Status check(const Schema& schema, const void* data) const;

 private:
  friend class Check;
  std::unordered_map<const Schema*, std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace tarn::wire
