// ResourceType: one type of resource that stacks can hold, such as AWS::Kinesis::Stream.
//
// Place: services/cloudformation; each type is declared beside the service that owns it
// (services/NAME/resources), over the service's own actions (gateway/in_process.h), so that a stack
// can do no more than who operates it. Threads: the control strand.
//
// Properties, ids and attributes as
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html
// gives them for each type.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"

namespace tarn::cloudformation {

using Json = nlohmann::json;

struct Property {
  std::string_view name;
  bool is_required = false;
};

// What a stack asks of a type.
struct ResourceOrder {
  Caller caller;
  std::string stack_name;
  std::string logical_id;
  std::string physical_name;  // where the template names none: unique, letters, digits and dashes
  Json properties;            // evaluated
  bool is_repeated = false;   // the server ended while it made this: it may be there already
  // Of the stack. (AWS adds aws:cloudformation:* to them; here no caller may set tags of aws:.)
  std::map<std::string, std::string> tags;
};

// A resource that is there.
struct MadeResource {
  std::string physical_id;           // what Ref gives
  Json attributes = Json::object();  // what Fn::GetAtt gives, by name
};

class ResourceType {
 public:
  virtual ~ResourceType() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // All that a template may set.
  [[nodiscard]] virtual std::span<const Property> properties() const = 0;
  // Ends when the resource can be used. An order that was cut short is repeated with the
  // same physical_name. Errors: those of the actions that it takes.
  [[nodiscard]] virtual Task<Result<MadeResource>> create(ResourceOrder order) const = 0;
  // Ends when it is gone; one that is not there is no error.
  [[nodiscard]] virtual Task<Status> remove(Caller caller, std::string physical_id,
                                            Json properties) const = 0;
};

// All types, by name.
class ResourceTypes {
 public:
  void add(std::unique_ptr<ResourceType> type) {
    const std::string_view name = type->name();
    types_.emplace(name, std::move(type));
  }
  // nullptr where there is no such type.
  [[nodiscard]] const ResourceType* find(std::string_view name) const {
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : found->second.get();
  }

 private:
  std::map<std::string_view, std::unique_ptr<ResourceType>, std::less<>> types_;
};

// The stack's tags and those of the property Tags, which win: as a map.
[[nodiscard]] inline Json tag_map(const ResourceOrder& order) {
  Json out(order.tags);
  const auto own = order.properties.find("Tags");
  if (own == order.properties.end()) return out;
  if (own->is_object()) out.update(*own);
  if (own->is_array()) {
    for (const Json& tag : *own) out[tag.value("Key", "")] = tag.value("Value", "");
  }
  return out;
}

// The same as a list of Key and Value.
[[nodiscard]] inline Json tag_list(const ResourceOrder& order) {
  Json out = Json::array();
  const Json tags = tag_map(order);
  for (const auto& [key, value] : tags.items()) out.push_back({{"Key", key}, {"Value", value}});
  return out;
}

// The members of `properties` that are named, where they are there.
[[nodiscard]] inline Json pick(const Json& properties,
                               std::initializer_list<std::string_view> names) {
  Json out = Json::object();
  for (const std::string_view name : names) {
    const auto found = properties.find(name);
    if (found != properties.end()) out[std::string(name)] = *found;
  }
  return out;
}

}  // namespace tarn::cloudformation
