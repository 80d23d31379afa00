// What the resource types of Service Catalog share.
//
// Place: services/servicecatalog/resources. Threads: the control strand.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::servicecatalog {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::pick;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// An idempotency token of the order: one that is repeated makes nothing anew.
[[nodiscard]] inline std::string token_of(const ResourceOrder& order,
                                          std::string_view suffix = "") {
  constexpr std::size_t kMostLetters = 128;
  std::string out = order.physical_name + std::string(suffix);
  // The end makes it unique.
  if (out.size() > kMostLetters) out.erase(0, out.size() - kMostLetters);
  while (!out.empty() && out.front() == '-') out.erase(0, 1);
  return out;
}

// AddTags and RemoveTags of an update.
inline void add_tag_changes(const ResourceOrder& order, const ResourceBefore& before, Json& input) {
  Json added = cloudformation::tag_list(order);
  Json dropped = cloudformation::dropped_tags(order, before);
  if (!added.empty()) input["AddTags"] = std::move(added);
  if (!dropped.empty()) input["RemoveTags"] = std::move(dropped);
}

class CatalogCalls {
 public:
  explicit CatalogCalls(const gateway::InProcess& calls) : calls_(calls) {}

  [[nodiscard]] Task<Result<Json>> call(std::string action, Caller caller, Json input) const {
    co_return co_await calls_.call("servicecatalog:" + action, std::move(caller), std::move(input));
  }
  // A call whose answer is of no use; an error may be as good as success.
  [[nodiscard]] Task<Status> change(std::string action, Caller caller, Json input,
                                    const char* passed_over = "") const {
    auto done =
        co_await calls_.call("servicecatalog:" + action, std::move(caller), std::move(input));
    if (done.ok() || done.error().is(passed_over)) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

// For what is not there any more.
inline constexpr const char* kGone = "ResourceNotFoundException";

}  // namespace tarn::servicecatalog
