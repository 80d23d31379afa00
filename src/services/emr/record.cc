#include "services/emr/record.h"

#include <fmt/format.h>

#include "services/emr/record_parts.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

json capacity_json(const Capacity& capacity) {
  return {{"vcpu", capacity.vcpu}, {"memory_mib", capacity.memory_mib}};
}

Capacity read_capacity(const json& value, std::string_view member) {
  const json found = value.value(member, json::object());
  return {found.value("vcpu", 0), found.value("memory_mib", std::int64_t{0})};
}

json member_json(const Member& member) {
  return {{"id", member.id},
          {"ec2_id", member.ec2_id},
          {"collection", member.collection},
          {"role", member.role},
          {"type", member.type},
          {"market", member.market},
          {"state", member.state},
          {"reason_code", member.reason.code},
          {"reason", member.reason.message},
          {"created", member.created.ms},
          {"ready", time_json(member.ready)},
          {"ended", time_json(member.ended)},
          {"leaving", member.leaving},
          {"taken_at", time_json(member.taken_at)}};
}

json members_json(const std::vector<Member>& members) {
  json out = json::array();
  for (const Member& member : members) out.push_back(member_json(member));
  return out;
}

// Before instances came and went, they had the state and the times of their cluster.
void read_life(const json& entry, const ClusterRecord& cluster, Member& member) {
  if (entry.contains("state")) {
    member.state = entry.value("state", "");
    member.reason = {entry.value("reason_code", ""), entry.value("reason", "")};
    member.created.ms = entry.value("created", std::int64_t{0});
    member.ready = read_time(entry, "ready");
    member.ended = read_time(entry, "ended");
    member.leaving = entry.value("leaving", false);
    member.taken_at = read_time(entry, "taken_at");
    return;
  }
  member.state = cluster.over()  ? instance_state::kTerminated
                 : cluster.ready ? instance_state::kRunning
                                 : instance_state::kProvisioning;
  member.created = cluster.created;
  member.ready = cluster.ready;
  member.ended = cluster.ended;
}

std::vector<Member> read_members(const json& value, const ClusterRecord& cluster) {
  std::vector<Member> out;
  for (const json& entry : value.value("members", json::array())) {
    Member& member = out.emplace_back();
    member.id = entry.value("id", "");
    member.ec2_id = entry.value("ec2_id", "");
    member.collection = entry.value("collection", "");
    member.role = entry.value("role", "");
    member.type = entry.value("type", "");
    member.market = entry.value("market", "");
    read_life(entry, cluster, member);
  }
  return out;
}

json notes_json(const std::map<std::string, CollectionNote>& notes) {
  json out = json::object();
  for (const auto& [id, note] : notes) {
    out[id] = {{"created", note.created.ms},
               {"short_since", time_json(note.short_since)},
               {"switched", note.switched},
               {"suspended", note.suspended},
               {"message", note.message}};
  }
  return out;
}

std::map<std::string, CollectionNote> read_notes(const json& value, const ClusterRecord& cluster) {
  std::map<std::string, CollectionNote> out;
  for (const std::string& id : cluster.collections) out[id].created = cluster.created;
  const json notes = value.value("collection_notes", json::object());
  for (const auto& [id, entry] : notes.items()) {
    CollectionNote& note = out[id];
    note.created.ms = entry.value("created", std::int64_t{0});
    note.short_since = read_time(entry, "short_since");
    note.switched = entry.value("switched", 0);
    note.suspended = entry.value("suspended", false);
    note.message = entry.value("message", "");
  }
  return out;
}

}  // namespace

std::string cluster_key(std::string_view cluster_id) {
  return std::string(kClusterPrefix).append(cluster_id);
}

std::string steps_prefix(std::string_view cluster_id) {
  std::string out(kStepPrefix);
  out.append(cluster_id).push_back('\0');
  return out;
}

std::string step_key(std::string_view cluster_id, std::size_t place) {
  return steps_prefix(cluster_id) + fmt::format("{:010}", place);
}

std::string encode(const ClusterRecord& cluster) {
  json value = {{"id", cluster.id},
                {"account", cluster.account},
                {"region", cluster.region},
                {"request", shape_json(cluster.request)},
                {"owner", cluster.owner_arn},
                {"access_key_id", cluster.access_key_id},
                {"role_arn", cluster.role_arn},
                {"security", cluster.security},
                {"address", cluster.address},
                {"on_hosts", cluster.on_hosts},
                {"port_shift", cluster.port_shift},
                {"asked", capacity_json(cluster.asked)},
                {"granted", capacity_json(cluster.granted)},
                {"collections", cluster.collections},
                {"collection_notes", notes_json(cluster.collection_notes)},
                {"members", members_json(cluster.members)},
                {"state", cluster.state},
                {"reason_code", cluster.reason.code},
                {"reason", cluster.reason.message},
                {"created", cluster.created.ms},
                {"ready", time_json(cluster.ready)},
                {"ended", time_json(cluster.ended)},
                {"bootstrapped", cluster.bootstrapped},
                {"with_errors", cluster.with_errors},
                {"keep_alive", cluster.keep_alive},
                {"termination_protected", cluster.termination_protected},
                {"visible_to_all", cluster.visible_to_all},
                {"step_concurrency", cluster.step_concurrency},
                {"tags", cluster.tags}};
  if (cluster.managed_scaling) value["managed_scaling"] = shape_json(*cluster.managed_scaling);
  if (cluster.idle_timeout_s) value["idle_timeout_s"] = *cluster.idle_timeout_s;
  return versioned(value);
}

Result<ClusterRecord> decode_cluster(std::string_view record) {
  TARN_TRY(const json value, parse_record(record, "cluster"));
  ClusterRecord out;
  TARN_CHECK(read_shape(value, "request", out.request));
  out.id = value.value("id", "");
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.owner_arn = value.value("owner", "");
  out.access_key_id = value.value("access_key_id", "");
  out.role_arn = value.value("role_arn", "");
  out.security = value.value("security", "");
  out.address = value.value("address", "");
  out.on_hosts = value.value("on_hosts", false);
  out.port_shift = value.value("port_shift", 0);
  out.asked = read_capacity(value, "asked");
  out.granted = read_capacity(value, "granted");
  out.collections = value.value("collections", std::vector<std::string>());
  out.state = value.value("state", "");
  out.reason = {value.value("reason_code", ""), value.value("reason", "")};
  out.created.ms = value.value("created", std::int64_t{0});
  out.ready = read_time(value, "ready");
  out.ended = read_time(value, "ended");
  out.members = read_members(value, out);
  out.collection_notes = read_notes(value, out);
  if (value.contains("managed_scaling")) {
    TARN_CHECK(read_shape(value, "managed_scaling", out.managed_scaling.emplace()));
  }
  out.bootstrapped = value.value("bootstrapped", false);
  out.with_errors = value.value("with_errors", false);
  out.keep_alive = value.value("keep_alive", false);
  out.termination_protected = value.value("termination_protected", false);
  out.visible_to_all = value.value("visible_to_all", true);
  out.step_concurrency = value.value("step_concurrency", 1);
  out.tags = value.value("tags", std::map<std::string, std::string>());
  if (value.contains("idle_timeout_s")) {
    out.idle_timeout_s = value.value("idle_timeout_s", kLeastIdleTimeout);
  }
  return out;
}

std::string encode(const StepRecord& step) {
  return versioned({{"id", step.id},
                    {"config", shape_json(step.config)},
                    {"state", step.state},
                    {"created", step.created.ms},
                    {"started", time_json(step.started)},
                    {"ended", time_json(step.ended)},
                    {"why", step.why},
                    {"last_words", step.last_words}});
}

Result<StepRecord> decode_step(std::string_view record) {
  TARN_TRY(const json value, parse_record(record, "step"));
  StepRecord out;
  TARN_CHECK(read_shape(value, "config", out.config));
  out.id = value.value("id", "");
  out.state = value.value("state", "");
  out.created.ms = value.value("created", std::int64_t{0});
  out.started = read_time(value, "started");
  out.ended = read_time(value, "ended");
  out.why = value.value("why", "");
  out.last_words = value.value("last_words", "");
  return out;
}

}  // namespace tarn::emr
