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

json encode_drift(const Drift& drift) {
  json differences = json::array();
  for (const PropertyDrift& each : drift.differences) {
    differences.push_back({{"path", each.path},
                           {"kind", each.kind},
                           {"expected", each.expected},
                           {"actual", each.actual}});
  }
  return {{"status", drift.status},
          {"checked_ms", drift.checked_ms},
          {"actual", drift.actual},
          {"differences", std::move(differences)}};
}

void read_drift(const json& from, Drift& out) {
  read(from, "status", out.status);
  read(from, "checked_ms", out.checked_ms);
  read(from, "actual", out.actual);
  for (const json& each : from.value("differences", json::array()))
    out.differences.push_back({each.value("path", ""), each.value("kind", ""),
                               each.value("expected", ""), each.value("actual", "")});
}

json encode_drift(const StackDrift& drift) {
  return {{"detection", drift.detection_id},
          {"status", drift.status},
          {"failure", drift.failure},
          {"checked_ms", drift.checked_ms},
          {"drifted", drift.drifted}};
}

void read_drift(const json& from, StackDrift& out) {
  read(from, "detection", out.detection_id);
  read(from, "status", out.status);
  read(from, "failure", out.failure);
  read(from, "checked_ms", out.checked_ms);
  read(from, "drifted", out.drifted);
}

json encode_state(const ResourceState& state) {
  return {{"physical_name", state.physical_name},
          {"physical_id", state.physical_id},
          {"properties", state.properties},
          {"attributes", state.attributes},
          {"tags", state.tags},
          {"needs", state.needs},
          {"on_delete", static_cast<int>(state.on_delete)},
          {"on_replace", static_cast<int>(state.on_replace)}};
}

void read_state(const json& from, ResourceState& out) {
  read(from, "physical_name", out.physical_name);
  read(from, "physical_id", out.physical_id);
  read(from, "properties", out.properties);
  read(from, "attributes", out.attributes);
  read(from, "tags", out.tags);
  read(from, "needs", out.needs);
  out.on_delete = static_cast<Disposal>(from.value("on_delete", 0));
  out.on_replace = static_cast<Disposal>(from.value("on_replace", 0));
}

}  // namespace

json encode_state(const StackState& state) {
  return {{"text", state.text},
          {"original", state.original},
          {"parameters", state.parameters},
          {"tags", state.tags},
          {"capabilities", state.capabilities},
          {"notification_arns", state.notification_arns},
          {"imports", state.imports},
          {"outputs", outputs_of(state.outputs)}};
}

void read_state(const json& from, StackState& out) {
  read(from, "text", out.text);
  read(from, "original", out.original);
  const json parameters = from.value("parameters", json::object());
  for (const auto& [name, text] : parameters.items())
    out.parameters.emplace(name, text.get<std::string>());
  read(from, "tags", out.tags);
  read(from, "capabilities", out.capabilities);
  read(from, "notification_arns", out.notification_arns);
  read(from, "imports", out.imports);
  for (const json& each : from.value("outputs", json::array()))
    out.outputs.push_back({each.value("key", ""), each.value("value", ""),
                           each.value("description", ""), each.value("export", "")});
}

const ResourceRecord* StackRecord::find(std::string_view logical_id) const {
  const auto found = std::find_if(resources.begin(), resources.end(),
                                  [&](const auto& each) { return each.name == logical_id; });
  return found == resources.end() ? nullptr : &*found;
}

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

std::string count_key(std::string_view stack_id) {
  return fmt::format("n/{}", stack_id);
}

std::string event_key(std::string_view stack_id, std::uint64_t number) {
  return fmt::format("{}{:010}", events_prefix(stack_id), number);
}

std::string encode(const StackRecord& stack) {
  json order = json::array();
  for (const ResourceRecord& each : stack.resources) order.push_back(each.name);
  json out = encode_state(stack);
  out.update({{"format", kFormat},
              {"id", stack.id},
              {"name", stack.name},
              {"account", stack.account_id},
              {"region", stack.region},
              {"status", stack.status},
              {"reason", stack.reason},
              {"failure", stack.failure},
              {"created_ms", stack.created_ms},
              {"updated_ms", stack.updated_ms},
              {"deleted_ms", stack.deleted_ms},
              {"on_failure", stack.on_failure},
              {"protected", stack.is_protected},
              {"role_arn", stack.role_arn},
              {"parent", stack.parent_id},
              {"root", stack.root_id},
              {"access_key_id", stack.access_key_id},
              {"token", stack.token},
              {"retained", stack.retained},
              {"order", order},
              {"events", stack.events},
              {"updates", stack.updates},
              {"cancelled", stack.is_cancelled},
              {"keeps_failure", stack.keeps_failure},
              {"waits", stack.waits},
              {"skipped", stack.skipped},
              {"forced", stack.is_forced},
              {"deletes_new", stack.deletes_new},
              {"timeout_minutes", stack.timeout_minutes},
              {"policy", stack.policy},
              {"policy_during", stack.policy_during},
              {"policy_next", stack.policy_next}});
  if (stack.drift.checked_ms != 0) out["drift"] = encode_drift(stack.drift);
  if (stack.before) out["before"] = encode_state(*stack.before);
  return out.dump();
}

Result<StackRecord> decode_stack(std::string_view record) {
  const json from = wire::parse_json(record);
  if (!from.is_object() || from.value("format", 0) != kFormat) return corrupt("stack's");
  StackRecord out;
  read_state(from, out);
  read(from, "id", out.id);
  read(from, "name", out.name);
  read(from, "account", out.account_id);
  read(from, "region", out.region);
  read(from, "status", out.status);
  read(from, "reason", out.reason);
  read(from, "failure", out.failure);
  read(from, "created_ms", out.created_ms);
  read(from, "updated_ms", out.updated_ms);
  read(from, "deleted_ms", out.deleted_ms);
  read(from, "on_failure", out.on_failure);
  read(from, "protected", out.is_protected);
  read(from, "role_arn", out.role_arn);
  read(from, "parent", out.parent_id);
  read(from, "root", out.root_id);
  read(from, "access_key_id", out.access_key_id);
  read(from, "token", out.token);
  read(from, "retained", out.retained);
  read(from, "events", out.events);
  read(from, "updates", out.updates);
  read(from, "cancelled", out.is_cancelled);
  read(from, "keeps_failure", out.keeps_failure);
  read(from, "waits", out.waits);
  read(from, "skipped", out.skipped);
  read(from, "forced", out.is_forced);
  read(from, "deletes_new", out.deletes_new);
  read(from, "timeout_minutes", out.timeout_minutes);
  read(from, "policy", out.policy);
  read(from, "policy_during", out.policy_during);
  read(from, "policy_next", out.policy_next);
  if (from.contains("drift")) read_drift(from["drift"], out.drift);
  if (from.contains("before")) read_state(from["before"], out.before.emplace());
  for (const json& name : from.value("order", json::array()))
    out.resources.emplace_back().name = name.get<std::string>();
  return out;
}

std::string encode(const ResourceRecord& resource) {
  json out = encode_state(resource);
  out.update({{"format", kFormat},
              {"name", resource.name},
              {"type", resource.type},
              {"status", resource.status},
              {"reason", resource.reason},
              {"updated_ms", resource.updated_ms},
              {"wanted", resource.wanted},
              {"touched", resource.touched},
              {"replacing", resource.replacing},
              {"step", static_cast<int>(resource.step)}});
  if (resource.drift.checked_ms != 0) out["drift"] = encode_drift(resource.drift);
  if (resource.before) out["before"] = encode_state(*resource.before);
  for (const ResourceState& each : resource.leftovers)
    out["leftovers"].push_back(encode_state(each));
  return out.dump();
}

Result<ResourceRecord> decode_resource(std::string_view record) {
  const json from = wire::parse_json(record);
  if (!from.is_object() || from.value("format", 0) != kFormat) return corrupt("resource's");
  ResourceRecord out;
  read_state(from, out);
  read(from, "name", out.name);
  read(from, "type", out.type);
  read(from, "status", out.status);
  read(from, "reason", out.reason);
  read(from, "updated_ms", out.updated_ms);
  read(from, "wanted", out.wanted);
  read(from, "touched", out.touched);
  read(from, "replacing", out.replacing);
  out.step = static_cast<Step>(from.value("step", 0));
  if (from.contains("drift")) read_drift(from["drift"], out.drift);
  if (from.contains("before")) read_state(from["before"], out.before.emplace());
  for (const json& each : from.value("leftovers", json::array()))
    read_state(each, out.leftovers.emplace_back());
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
  const json from = wire::parse_json(record);
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
