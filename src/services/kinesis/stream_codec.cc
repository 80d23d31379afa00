#include "services/kinesis/stream_codec.h"

#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::kinesis {

namespace {

using Json = nlohmann::json;

constexpr int kRecordVersion = 1;

Json to_json(const ShardState& shard) {
  Json json = {{"number", shard.number},
               {"epoch_ms", shard.epoch_ms},
               {"start", format_hash_key(shard.start)},
               {"end", format_hash_key(shard.end)},
               {"created_ms", shard.created_ms}};
  if (shard.parent) json["parent"] = *shard.parent;
  if (shard.adjacent_parent) json["adjacent_parent"] = *shard.adjacent_parent;
  if (shard.closed_at) {
    json["closed_at"] = *shard.closed_at;
    json["closed_ms"] = shard.closed_ms;
  }
  return json;
}

Json to_json(const std::vector<ShardState>& shards) {
  Json json = Json::array();
  for (const ShardState& shard : shards) json.push_back(to_json(shard));
  return json;
}

template <class T>
std::optional<T> optional(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::nullopt;
  return found->get<T>();
}

ShardState shard_from(const Json& json) {
  ShardState shard;
  shard.number = json.at("number").get<std::uint32_t>();
  shard.epoch_ms = json.at("epoch_ms").get<std::uint64_t>();
  shard.start = parse_hash_key(json.at("start").get<std::string>()).value();
  shard.end = parse_hash_key(json.at("end").get<std::string>()).value();
  shard.created_ms = json.at("created_ms").get<std::int64_t>();
  shard.parent = optional<std::uint32_t>(json, "parent");
  shard.adjacent_parent = optional<std::uint32_t>(json, "adjacent_parent");
  shard.closed_at = optional<Counter>(json, "closed_at");
  shard.closed_ms = optional<std::int64_t>(json, "closed_ms").value_or(0);
  return shard;
}

Json to_json(const ConsumerState& consumer) {
  Json json = {
      {"name", consumer.name}, {"created_ms", consumer.created_ms}, {"tags", consumer.tags}};
  if (!consumer.policy.empty()) json["policy"] = consumer.policy;
  return json;
}

ConsumerState consumer_from(const Json& json) {
  ConsumerState consumer;
  consumer.name = json.at("name").get<std::string>();
  consumer.created_ms = json.at("created_ms").get<std::int64_t>();
  consumer.tags = json.at("tags").get<std::map<std::string, std::string>>();
  consumer.policy = optional<std::string>(json, "policy").value_or("");
  return consumer;
}

Json to_json(const DataKeyState& key) {
  return {
      {"number", key.number}, {"wrapped", wire::to_base64(key.wrapped)}, {"made_ms", key.made_ms}};
}

DataKeyState data_key_from(const Json& json) {
  DataKeyState key;
  key.number = json.at("number").get<std::uint32_t>();
  key.wrapped = wire::from_base64(json.at("wrapped").get<std::string>()).value();
  key.made_ms = json.at("made_ms").get<std::int64_t>();
  return key;
}

// Members that came after the first version of this form; absent where they are empty.
void add_later_members(const StreamState& state, Json& json) {
  if (!state.policy.empty()) json["policy"] = state.policy;
  for (const ConsumerState& consumer : state.consumers)
    json["consumers"].push_back(to_json(consumer));
  if (!state.key_id.empty()) json["key_id"] = state.key_id;
  for (const DataKeyState& key : state.data_keys) json["data_keys"].push_back(to_json(key));
  if (!state.encryption_changes_ms.empty())
    json["encryption_changes_ms"] = state.encryption_changes_ms;
}

void read_later_members(const Json& json, StreamState& state) {
  state.policy = optional<std::string>(json, "policy").value_or("");
  if (const auto consumers = json.find("consumers"); consumers != json.end()) {
    for (const Json& consumer : *consumers) state.consumers.push_back(consumer_from(consumer));
  }
  state.key_id = optional<std::string>(json, "key_id").value_or("");
  if (const auto keys = json.find("data_keys"); keys != json.end()) {
    for (const Json& key : *keys) state.data_keys.push_back(data_key_from(key));
  }
  using Times = std::vector<std::int64_t>;
  state.encryption_changes_ms = optional<Times>(json, "encryption_changes_ms").value_or(Times());
}

std::vector<ShardState> shards_from(const Json& json) {
  std::vector<ShardState> shards;
  for (const Json& shard : json) shards.push_back(shard_from(shard));
  return shards;
}

StreamState state_from(const Json& json) {
  StreamState state;
  if (json.at("version").get<int>() != kRecordVersion)
    throw std::out_of_range("an unknown version");
  state.id = json.at("id").get<std::string>();
  state.account = json.at("account").get<std::string>();
  state.region = json.at("region").get<std::string>();
  state.name = json.at("name").get<std::string>();
  state.status = static_cast<StreamStatus>(json.at("status").get<int>());
  state.created_ms = json.at("created_ms").get<std::int64_t>();
  state.retention_hours = json.at("retention_hours").get<std::int32_t>();
  state.on_demand = json.at("on_demand").get<bool>();
  state.max_record_kib = json.at("max_record_kib").get<std::int32_t>();
  state.tags = json.at("tags").get<std::map<std::string, std::string>>();
  state.shards = shards_from(json.at("shards"));
  state.next_shard = json.at("next_shard").get<std::uint32_t>();
  state.target_shards = optional<std::int32_t>(json, "target_shards");
  state.count_updates_ms = json.at("count_updates_ms").get<std::vector<std::int64_t>>();
  if (const auto step = json.find("step"); step != json.end()) {
    state.step = ReshardStep{step->at("parents").get<std::vector<std::uint32_t>>(),
                             shards_from(step->at("children"))};
  }
  read_later_members(json, state);
  return state;
}

}  // namespace

std::string encode_stream(const StreamState& state) {
  Json json = {{"version", kRecordVersion},
               {"id", state.id},
               {"account", state.account},
               {"region", state.region},
               {"name", state.name},
               {"status", static_cast<int>(state.status)},
               {"created_ms", state.created_ms},
               {"retention_hours", state.retention_hours},
               {"on_demand", state.on_demand},
               {"max_record_kib", state.max_record_kib},
               {"tags", state.tags},
               {"shards", to_json(state.shards)},
               {"next_shard", state.next_shard},
               {"count_updates_ms", state.count_updates_ms}};
  if (state.target_shards) json["target_shards"] = *state.target_shards;
  if (state.step) {
    json["step"] = {{"parents", state.step->parents}, {"children", to_json(state.step->children)}};
  }
  add_later_members(state, json);
  return json.dump();
}

Result<StreamState> decode_stream(std::string_view text) {
  // The library tells of malformed text by exceptions; they end here.
  try {
    return state_from(wire::parse_json(text));
  } catch (const std::exception& failure) {
    return Error(code::kCorrupt, std::string("a stream's record in the store: ") + failure.what());
  }
}

}  // namespace tarn::kinesis
