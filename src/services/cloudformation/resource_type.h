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

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "gateway/service.h"
#include "wire/json_value.h"

namespace tarn::cloudformation {

using Json = nlohmann::json;

// What a change of a property does to a resource that is there.
enum class OnChange : std::uint8_t { kUpdates, kReplaces };

struct Property {
  std::string_view name;
  bool is_required = false;
  OnChange on_change = OnChange::kUpdates;
};

// A property whose change makes another resource.
constexpr Property replacing(std::string_view name, bool is_required = false) {
  return {name, is_required, OnChange::kReplaces};
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
inline constexpr std::string_view kTagPrefix = "aws:cloudformation:";

// How a type tells its stack of what takes long.
class ResourceProgress {
 public:
  virtual ~ResourceProgress() = default;
  // The resource exists by that id, and cannot be used yet: what ends or fails from now on is
  // continued or removed by it. Durable when it ends. Error: of the store.
  [[nodiscard]] virtual Task<Status> begun(std::string physical_id) = 0;
  // The server is about to end: the type stops waiting with kCancelled, and is asked again by the
  // next one.
  [[nodiscard]] virtual bool stops() const = 0;
};

// What a stack asks of a type.
struct ResourceOrder {
  Caller caller;
  std::string stack_id;
  std::string stack_name;
  std::string logical_id;
  std::string type;           // "Custom::Thing", where one implementation has many names
  std::string physical_name;  // where the template names none: unique, letters, digits and dashes
  std::string physical_id;    // of one that is there, or that a repeated order has begun
  Json properties;            // evaluated
  Json attributes = Json::object();  // of one that is there
  Json creation_policy;              // of the template, evaluated; null: none
  bool is_repeated = false;          // the server ended while it did this: it may be done already
  bool is_rollback = false;          // of an update: what the stack had before
  // Of the stack, and those of kTagPrefix, which say whose the resource is.
  std::map<std::string, std::string> tags;
  std::shared_ptr<ResourceProgress> progress;

  // For what waits: kCancelled where the server is about to end.
  [[nodiscard]] Status check_going_on() const {
    if (progress == nullptr || !progress->stops()) return {};
    return tarn::Error(code::kCancelled, "the server ends");
  }
};

// What a resource had before an update.
struct ResourceBefore {
  Json properties = Json::object();
  std::map<std::string, std::string> tags;
};

// A resource that is there.
struct MadeResource {
  std::string physical_id;           // what Ref gives
  Json attributes = Json::object();  // what Fn::GetAtt gives, by name
};

// A resource as it is now, whoever made it so.
struct PresentResource {
  // As a template would write them: those that the type can tell, of its default value too; no
  // Tags that begin with "aws:".
  Json properties = Json::object();
  Json attributes = Json::object();   // what Fn::GetAtt gives, by name
  std::set<std::string> untold = {};  // properties that nobody can tell: secrets, code
};

class ResourceType {
 public:
  virtual ~ResourceType() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // All that a template may set.
  [[nodiscard]] virtual std::span<const Property> properties() const = 0;
  // Ends when the resource can be used. An order that was cut short is repeated with the
  // same physical_name. Errors: those of the actions that it takes; kCancelled.
  [[nodiscard]] virtual Task<Result<MadeResource>> create(ResourceOrder order) const = 0;
  // Makes one that is there what the order says, where no property that replaces has changed.
  // May be repeated, and asked to undo what it could not finish. Errors: as above.
  [[nodiscard]] virtual Task<Result<MadeResource>> update(ResourceOrder order,
                                                          ResourceBefore before) const = 0;
  // Ends when the order's physical_id is gone; one that is not there is no error.
  [[nodiscard]] virtual Task<Status> remove(ResourceOrder order) const = 0;

  // The name that an import gives the physical id of one that is there ("BucketName"); empty: the
  // type does not read(), so that it can neither be imported nor be checked for drift.
  [[nodiscard]] virtual std::string_view identifier() const { return {}; }
  // The one of the order's physical_id, as it is now; nothing where it is gone. Errors: those of
  // the actions that it takes, but "not found".
  [[nodiscard]] virtual Task<Result<std::optional<PresentResource>>> read(
      ResourceOrder order) const;

  // Whether an update to `wanted` makes another resource.
  [[nodiscard]] virtual bool replaces(const Json& before, const Json& wanted) const;
  // What a template may set is not known before: properties() are only those that must be there.
  [[nodiscard]] virtual bool takes_any_property() const { return false; }
  // What it is made from may have changed though no property has; so may what Fn::GetAtt gives.
  [[nodiscard]] virtual bool always_updates() const { return false; }
  // The update of the stack is complete: there will be no rollback. Only of what has been updated.
  [[nodiscard]] virtual Task<Status> settle(ResourceOrder /*order*/) const { co_return Status(); }
};

// Whether values are the same to a template, in which 2 is "2" and true is "true".
[[nodiscard]] inline bool is_alike(const Json& one, const Json& other) {
  if (one.is_structured() || other.is_structured()) {
    if (one.type() != other.type() || one.size() != other.size()) return false;
    if (one.is_array()) return std::equal(one.begin(), one.end(), other.begin(), is_alike);
    return std::all_of(one.items().begin(), one.items().end(), [&](const auto& member) {
      const auto found = other.find(member.key());
      return found != other.end() && is_alike(member.value(), *found);
    });
  }
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  return text(one) == text(other);
}

// Whether a property's values differ.
[[nodiscard]] inline bool differs(const Json& one, const Json& other, std::string_view property) {
  const auto in_one = one.find(property);
  const auto in_other = other.find(property);
  if (in_one == one.end() || in_other == other.end())
    return (in_one == one.end()) != (in_other == other.end());
  return !is_alike(*in_one, *in_other);
}

inline Task<Result<std::optional<PresentResource>>> ResourceType::read(
    ResourceOrder /*order*/) const {
  co_return tarn::Error("NotImplemented", "This type cannot be read.", 501);
}

// read(), of a type that may meet a property of another form than it reads. Errors: those of
// read(); ValidationError.
[[nodiscard]] inline Task<Result<std::optional<PresentResource>>> read_now(const ResourceType& type,
                                                                           ResourceOrder order) {
  try {
    co_return co_await type.read(std::move(order));
  } catch (const Json::exception& error) {
    co_return tarn::Error("ValidationError", error.what(), 400);
  }
}

inline bool ResourceType::replaces(const Json& before, const Json& wanted) const {
  for (const Property& property : properties()) {
    if (property.on_change == OnChange::kReplaces && differs(before, wanted, property.name))
      return true;
  }
  return false;
}

// All types, by name.
class ResourceTypes {
 public:
  void add(std::unique_ptr<ResourceType> type) {
    const std::string_view name = type->name();
    types_.emplace(name, std::move(type));
  }
  // nullptr where there is no such type.
  [[nodiscard]] const ResourceType* find(std::string_view name) const {
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
    constexpr std::string_view kCustom = "Custom::";
    if (name.size() > kCustom.size() && name.starts_with(kCustom))
      name = "AWS::CloudFormation::CustomResource";
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : found->second.get();
  }

 private:
  std::map<std::string_view, std::unique_ptr<ResourceType>, std::less<>> types_;
};

// Tags of a stack and those of a property Tags, which win: as a map.
[[nodiscard]] inline Json merged_tags(const std::map<std::string, std::string>& tags,
                                      const Json& properties) {
  Json out = Json::object();
  for (const auto& [key, value] : tags) out[key] = value;
  const auto own = properties.find("Tags");
  if (own == properties.end()) return out;
  // Whose a resource is, no template can claim: the words of its stack stay.
  const auto take = [&](const std::string& key, const Json& value) {
    if (!key.starts_with(kTagPrefix)) out[key] = value;
  };
  if (own->is_object()) {
    for (const auto& [key, value] : own->items()) take(key, value);
  }
  if (own->is_array()) {
    for (const Json& tag : *own) take(tag.value("Key", ""), tag.value("Value", ""));
  }
  return out;
}

[[nodiscard]] inline Json tag_map(const ResourceOrder& order) {
  return merged_tags(order.tags, order.properties);
}

// Keys of tags that an update takes away, as a list.
[[nodiscard]] inline Json dropped_tags(const ResourceOrder& order, const ResourceBefore& before) {
  Json out = Json::array();
  const Json kept = tag_map(order);
  const Json had = merged_tags(before.tags, before.properties);
  for (const auto& [key, value] : had.items()) {
    if (!kept.contains(key)) out.push_back(key);
  }
  return out;
}

[[nodiscard]] inline bool tags_differ(const ResourceOrder& order, const ResourceBefore& before) {
  return tag_map(order) != merged_tags(before.tags, before.properties);
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
