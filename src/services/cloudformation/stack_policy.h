// StackPolicy: what an update may do to which resources of a stack.
//
// Place: services/cloudformation; an update asks it before it touches a resource. Threads: a value.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::cloudformation {

inline constexpr std::size_t kMaxPolicyBytes = 16'384;

// What an update does to a resource: Update:Modify, Update:Replace, Update:Delete.
enum class Touch : std::uint8_t { kModify, kReplace, kDelete };

class StackPolicy {
 public:
  // An empty text is no policy: all is allowed. Error: ValidationError (400).
  [[nodiscard]] static Result<StackPolicy> parse(std::string_view text);

  // Error: ValidationError, with the words of the event of a resource that may not be touched.
  [[nodiscard]] Status check(Touch touch, std::string_view logical_id, std::string_view type) const;

 private:
  // Patterns, and whether it is the others that they name (NotAction, NotResource).
  struct Patterns {
    std::vector<std::string> each;
    bool is_inverted = false;
    [[nodiscard]] bool take(std::string_view text) const;
  };
  struct Statement {
    bool allows = false;
    Patterns actions;
    Patterns resources;
    // Each must take the type of the resource; of StringEquals without wildcards.
    std::vector<Patterns> types_like;
    std::vector<std::vector<std::string>> types;
    [[nodiscard]] bool holds(std::string_view action, std::string_view resource,
                             std::string_view type) const;
  };
  class Reader;

  std::vector<Statement> statements_;
  bool is_there_ = false;
};

}  // namespace tarn::cloudformation
