#include "services/cloudformation/taking_order.h"

#include <algorithm>

namespace tarn::cloudformation {

bool goes_in_cleanup(const StackRecord& stack, const ResourceRecord& resource) {
  if (!resource.is_there()) return false;
  return stack.status == status::kUpdateRollbackCleanup ? !resource.before : !resource.wanted;
}

TakingOrder::TakingOrder(StackRecord& stack, Turn turn) : stack_(stack), turn_(turn) {
  const bool ends = turn == Turn::kRemove || turn == Turn::kClean;
  for (ResourceRecord& each : stack.resources) {
    left_.push_back(&each);
    by_name_.emplace(each.name, &each);
    if (!ends) continue;
    for (const std::string& needed : needs_at_end(each)) needed_by_[needed].push_back(&each);
  }
}

std::set<std::string> TakingOrder::needs_at_end(const ResourceRecord& resource) const {
  std::set<std::string> out;
  if (turn_ == Turn::kRemove || goes_in_cleanup(stack_, resource))
    out.insert(resource.needs.begin(), resource.needs.end());
  if (turn_ == Turn::kRemove) return out;
  for (const ResourceState& each : resource.leftovers)
    out.insert(each.needs.begin(), each.needs.end());
  return out;
}

std::vector<ResourceRecord*> TakingOrder::take_ready(std::size_t limit) {
  std::vector<ResourceRecord*> out;
  std::erase_if(left_, [&](ResourceRecord* each) {
    if (out.size() == limit || !is_open(*each) || !is_ready(*each)) return false;
    out.push_back(each);
    return true;
  });
  return out;
}

ResourceRecord* TakingOrder::take_any() {
  const auto found = std::find_if(left_.begin(), left_.end(),
                                  [this](const ResourceRecord* each) { return is_open(*each); });
  if (found == left_.end()) return nullptr;
  ResourceRecord* out = *found;
  left_.erase(found);
  return out;
}

bool TakingOrder::is_open(const ResourceRecord& resource) const {
  switch (turn_) {
    case Turn::kMake:
      return resource.status != status::kCreateComplete && resource.status != status::kCreateFailed;
    case Turn::kRemove:
      return !resource.leftovers.empty() ||
             (resource.is_there() && resource.status != status::kDeleteSkipped);
    case Turn::kRenew: return resource.wanted && resource.step != Step::kDone;
    case Turn::kRestore: return resource.before && resource.step != Step::kDone;
    case Turn::kClean: break;
  }
  if (resource.step == Step::kDone) return false;
  const bool settles =
      resource.touched && resource.wanted && stack_.status == status::kUpdateCleanup;
  return settles || !resource.leftovers.empty() || goes_in_cleanup(stack_, resource);
}

// What cannot go keeps what it needs.
bool TakingOrder::stands_before(const ResourceRecord& other) const {
  if (turn_ == Turn::kRemove) return other.is_there() && other.status != status::kDeleteSkipped;
  return other.step != Step::kDone;
}

bool TakingOrder::is_ready(const ResourceRecord& resource) const {
  if (turn_ == Turn::kRemove || turn_ == Turn::kClean) {
    const auto users = needed_by_.find(resource.name);
    if (users == needed_by_.end()) return true;
    return std::none_of(users->second.begin(), users->second.end(), [&](const auto* other) {
      return other != &resource && stands_before(*other);
    });
  }
  const auto& needs = turn_ == Turn::kRestore ? resource.before->needs : resource.needs;
  return std::all_of(needs.begin(), needs.end(), [&](const std::string& name) {
    const auto needed = by_name_.find(name);
    if (needed == by_name_.end()) return true;
    return turn_ == Turn::kMake ? needed->second->status == status::kCreateComplete
                                : needed->second->step == Step::kDone;
  });
}

}  // namespace tarn::cloudformation
