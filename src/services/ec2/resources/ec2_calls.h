// What the resource types of EC2 share. Members have the names of EC2's wire.
//
// Place: services/ec2/resources. Threads: the control strand.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::ec2 {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// A property of a template and the member of a call that it is.
struct Mapped {
  std::string_view property;
  std::string_view member;
};

template <class List>
Json map_properties(const Json& properties, const List& mapped) {
  Json out = Json::object();
  for (const Mapped& each : mapped) {
    const auto found = properties.find(each.property);
    if (found != properties.end()) out[std::string(each.member)] = *found;
  }
  return out;
}

// The stack's and the resource's tags, as EC2 takes them.
[[nodiscard]] inline Json wire_tags(const ResourceOrder& order) {
  Json out = Json::array();
  const Json tags = cloudformation::tag_map(order);
  for (const auto& [key, value] : tags.items()) out.push_back({{"key", key}, {"value", value}});
  return out;
}

class Ec2Calls {
 public:
  explicit Ec2Calls(const gateway::InProcess& calls) : calls_(calls) {}

  [[nodiscard]] const gateway::InProcess& in_process() const { return calls_; }

  [[nodiscard]] Task<Result<Json>> call(std::string action, Caller caller, Json input) const {
    co_return co_await calls_.call("ec2:" + action, std::move(caller), std::move(input));
  }
  // A call whose answer is of no use; two errors may be as good as success.
  [[nodiscard]] Task<Status> change(std::string action, Caller caller, Json input,
                                    const char* passed_over = "",
                                    const char* passed_over_too = "") const {
    auto done = co_await calls_.call("ec2:" + action, std::move(caller), std::move(input));
    if (done.ok() || done.error().is(passed_over) || done.error().is(passed_over_too))
      co_return Status();
    co_return std::move(done).error();
  }
  // Brings the tags of a resource up to date.
  [[nodiscard]] Task<Status> set_tags(const ResourceOrder& order, const ResourceBefore& before,
                                      std::string id) const {
    if (!cloudformation::tags_differ(order, before)) co_return Status();
    Json dropped = Json::array();
    const Json keys = cloudformation::dropped_tags(order, before);
    for (const Json& key : keys) dropped.push_back({{"key", key}});
    if (!dropped.empty()) {
      Json input = {{"resourceId", {id}}, {"tag", std::move(dropped)}};
      TARN_CO_CHECK(co_await change("DeleteTags", order.caller, std::move(input)));
    }
    Json tags = wire_tags(order);
    if (tags.empty()) co_return Status();
    Json input = {{"ResourceId", {id}}, {"Tag", std::move(tags)}};
    co_return co_await change("CreateTags", order.caller, std::move(input));
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace tarn::ec2
