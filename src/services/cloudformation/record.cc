#include "services/cloudformation/record.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

tarn::Error corrupt(std::string_view what) {
  return {code::kCorrupt, fmt::format("cloudformation: a {} record cannot be read", what)};
}

// A record's members are read by name; what is not there keeps its default.
template <class T>
void read(const json& from, const char* name, T& into) {
  const auto found = from.find(name);
  if (found != from.end()) found->get_to(into);
}

json outputs_of(const std::vector<OutputRecord>& outputs) {
  json out = json::array();
  for (const OutputRecord& each : outputs) {
    out.push_back({{"key", each.key},
                   {"value", each.value},
                   {"description", each.description},
                   {"export", each.export_name}});
  }
  return out;
}

}  // namespace

ResourceRecord* StackRecord::find(std::string_view logical_id) {
  const auto found = std::find_if(resources.begin(), resources.end(),
                                  [&](const auto& each) { return each.name == logical_id; });
  return found == resources.end() ? nullptr : &*found;
}

std::string stack_key(const StackRecord& stack) {
  return fmt::format("{}{}", kStackPrefix, stack.id);
}

std::string resources_prefix(std::string_view stack_id) {
  return fmt::format("r/{}/", stack_id);
}

std::string resource_key(const StackRecord& stack, const ResourceRecord& resource) {
  return resources_prefix(stack.id) + resource.name;
}

std::string events_prefix(std::string_view stack_id) {
  return fmt::format("e/{}/", stack_id);
}

std::string event_key(std::string_view stack_id, std::uint64_t number) {
  return fmt::format("{}{:010}", events_prefix(stack_id), number);
}

std::string encode(const StackRecord& stack) {
  json order = json::array();
  for (const ResourceRecord& each : stack.resources) order.push_back(each.name);
  return json{{"format", kFormat},
              {"id", stack.id},
              {"name", stack.name},
              {"account", stack.account_id},
              {"region", stack.region},
              {"status", stack.status},
              {"reason", stack.reason},
              {"created_ms", stack.created_ms},
              {"deleted_ms", stack.deleted_ms},
              {"text", stack.text},
              {"parameters", stack.parameters},
              {"tags", stack.tags},
              {"capabilities", stack.capabilities},
              {"notification_arns", stack.notification_arns},
              {"on_failure", stack.on_failure},
              {"protected", stack.is_protected},
              {"access_key_id", stack.access_key_id},
              {"token", stack.token},
              {"retained", stack.retained},
              {"imports", stack.imports},
              {"outputs", outputs_of(stack.outputs)},
              {"order", order},
              {"events", stack.events}}
      .dump();
}

Result<StackRecord> decode_stack(std::string_view record) {
  const json from = json::parse(record, nullptr, false);
  if (!from.is_object() || from.value("format", 0) != kFormat) return corrupt("stack's");
  StackRecord out;
  read(from, "id", out.id);
  read(from, "name", out.name);
  read(from, "account", out.account_id);
  read(from, "region", out.region);
  read(from, "status", out.status);
  read(from, "reason", out.reason);
  read(from, "created_ms", out.created_ms);
  read(from, "deleted_ms", out.deleted_ms);
  read(from, "text", out.text);
  const json parameters = from.value("parameters", json::object());
  for (const auto& [name, text] : parameters.items())
    out.parameters.emplace(name, text.get<std::string>());
  read(from, "tags", out.tags);
  read(from, "capabilities", out.capabilities);
  read(from, "notification_arns", out.notification_arns);
  read(from, "on_failure", out.on_failure);
  read(from, "protected", out.is_protected);
  read(from, "access_key_id", out.access_key_id);
  read(from, "token", out.token);
  read(from, "retained", out.retained);
  read(from, "imports", out.imports);
  read(from, "events", out.events);
  for (const json& each : from.value("outputs", json::array()))
    out.outputs.push_back({each.value("key", ""), each.value("value", ""),
                           each.value("description", ""), each.value("export", "")});
  for (const json& name : from.value("order", json::array()))
    out.resources.emplace_back().name = name.get<std::string>();
  return out;
}

std::string encode(const ResourceRecord& resource) {
  return json{{"format", kFormat},
              {"name", resource.name},
              {"type", resource.type},
              {"physical_name", resource.physical_name},
              {"physical_id", resource.physical_id},
              {"status", resource.status},
              {"reason", resource.reason},
              {"updated_ms", resource.updated_ms},
              {"properties", resource.properties},
              {"attributes", resource.attributes},
              {"needs", resource.needs},
              {"on_delete", static_cast<int>(resource.on_delete)}}
      .dump();
}

Result<ResourceRecord> decode_resource(std::string_view record) {
  const json from = json::parse(record, nullptr, false);
  if (!from.is_object() || from.value("format", 0) != kFormat) return corrupt("resource's");
  ResourceRecord out;
  read(from, "name", out.name);
  read(from, "type", out.type);
  read(from, "physical_name", out.physical_name);
  read(from, "physical_id", out.physical_id);
  read(from, "status", out.status);
  read(from, "reason", out.reason);
  read(from, "updated_ms", out.updated_ms);
  read(from, "properties", out.properties);
  read(from, "attributes", out.attributes);
  read(from, "needs", out.needs);
  out.on_delete = static_cast<Disposal>(from.value("on_delete", 0));
  return out;
}

std::string encode(const EventRecord& event) {
  return json{{"format", kFormat},
              {"id", event.id},
              {"time_ms", event.time_ms},
              {"name", event.name},
              {"physical_id", event.physical_id},
              {"type", event.type},
              {"status", event.status},
              {"reason", event.reason},
              {"properties", event.properties},
              {"token", event.token}}
      .dump();
}

Result<EventRecord> decode_event(std::string_view record) {
  const json from = json::parse(record, nullptr, false);
  if (!from.is_object() || from.value("format", 0) != kFormat) return corrupt("event's");
  EventRecord out;
  read(from, "id", out.id);
  read(from, "time_ms", out.time_ms);
  read(from, "name", out.name);
  read(from, "physical_id", out.physical_id);
  read(from, "type", out.type);
  read(from, "status", out.status);
  read(from, "reason", out.reason);
  read(from, "properties", out.properties);
  read(from, "token", out.token);
  return out;
}

}  // namespace tarn::cloudformation
