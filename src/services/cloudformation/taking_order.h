// TakingOrder: which resources of a stack may be taken next, in one phase of an operation.
//
// Place: services/cloudformation; Operation takes resources by it. Threads: the control strand.
//
// What needs whom is looked up once, so that a phase costs as much as its resources have needs.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudformation/record.h"

namespace tarn::cloudformation {

enum class Turn : std::uint8_t {
  kMake,     // of a creation
  kRemove,   // of a deletion, or of the rollback of a creation
  kRenew,    // of an update
  kRestore,  // of its rollback
  kClean     // of the clean-up of either
};

// The clean-up of an update takes what its template has not; of a rollback, what the update made.
[[nodiscard]] bool goes_in_cleanup(const StackRecord& stack, const ResourceRecord& resource);

class TakingOrder {
 public:
  // The stack must live on, with the resources that it has now.
  TakingOrder(StackRecord& stack, Turn turn);

  // Those that nothing stands before, at most `limit`, in the order of the template. They are not
  // given again.
  [[nodiscard]] std::vector<ResourceRecord*> take_ready(std::size_t limit);
  // One that is open though something stands before it: several updates may have left what needs
  // one another in a circle. nullptr where none is open.
  [[nodiscard]] ResourceRecord* take_any();

 private:
  // Whether the phase has something to do about it.
  [[nodiscard]] bool is_open(const ResourceRecord& resource) const;
  [[nodiscard]] bool is_ready(const ResourceRecord& resource) const;
  // What it must wait for at the end of its life.
  [[nodiscard]] std::set<std::string> needs_at_end(const ResourceRecord& resource) const;
  // Whether what needs `resource` is still in its way.
  [[nodiscard]] bool stands_before(const ResourceRecord& other) const;

  StackRecord& stack_;
  Turn turn_;
  std::vector<ResourceRecord*> left_;
  std::map<std::string_view, const ResourceRecord*, std::less<>> by_name_;
  // Of a removal or clean-up: who needs it.
  std::map<std::string, std::vector<const ResourceRecord*>, std::less<>> needed_by_;
};

}  // namespace tarn::cloudformation
