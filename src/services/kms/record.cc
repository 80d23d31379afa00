#include "services/kms/record.h"

#include "wire/encoding.h"
#include "wire/stored_json.h"

namespace tarn::kms {
namespace {

using nlohmann::json;

// First byte of every value: the version of docs/formats/kms.md. JSON follows.
constexpr char kRecordVersion = '1';

// Binds wrapped material to its key and its place.
std::string bound_to(const std::string& key_id, std::size_t place) {
  return key_id + "/" + std::to_string(place);
}

json encode_materials(const Key& key, const RootKey& root, platform::Random& random) {
  json out = json::array();
  for (const Material& material : key.materials) {
    const std::string wrapped = root.wrap(random, material.bytes, bound_to(key.id, out.size() + 1));
    out.push_back({{"id", material.id},
                   {"created", material.created.ms},
                   {"on_demand", material.on_demand},
                   {"wrapped", wire::to_base64(wrapped)}});
  }
  return out;
}

Result<std::vector<Material>> decode_materials(const json& list, const std::string& key_id,
                                               const RootKey& root) {
  std::vector<Material> out;
  for (const json& entry : list) {
    Material material;
    material.id = entry.value("id", "");
    material.created.ms = entry.value("created", std::int64_t{0});
    material.on_demand = entry.value("on_demand", false);
    const auto wrapped = wire::from_base64(entry.value("wrapped", ""));
    TARN_TRY(material.bytes, root.unwrap(wrapped.value_or(""), bound_to(key_id, out.size() + 1)));
    out.push_back(std::move(material));
  }
  if (out.empty()) return Error(code::kCorrupt, "the KMS key " + key_id + " has no material");
  return out;
}

void put_pairs(json& into, const char* name,
               const std::optional<std::map<std::string, std::string>>& pairs) {
  if (pairs) into[name] = *pairs;
}

std::optional<std::map<std::string, std::string>> take_pairs(const json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end()) return std::nullopt;
  return found->get<std::map<std::string, std::string>>();
}

json encode_grants(const Key& key) {
  json out = json::array();
  for (const Grant& grant : key.grants) {
    json each = {
        {"id", grant.id},           {"name", grant.name},         {"created", grant.created.ms},
        {"grantee", grant.grantee}, {"retiring", grant.retiring}, {"operations", grant.operations}};
    put_pairs(each, "context_equals", grant.context_equals);
    put_pairs(each, "context_subset", grant.context_subset);
    out.push_back(std::move(each));
  }
  return out;
}

std::vector<Grant> decode_grants(const json& list) {
  std::vector<Grant> out;
  for (const json& each : list) {
    Grant& grant = out.emplace_back();
    grant.id = each.value("id", "");
    grant.name = each.value("name", "");
    grant.created.ms = each.value("created", std::int64_t{0});
    grant.grantee = each.value("grantee", "");
    grant.retiring = each.value("retiring", "");
    grant.operations = each.value("operations", std::vector<std::string>());
    grant.context_equals = take_pairs(each, "context_equals");
    grant.context_subset = take_pairs(each, "context_subset");
  }
  return out;
}

}  // namespace

std::string record_key(const Key& key) {
  return std::string(kKeyPrefix) + key.id;
}

std::string record_key(const Alias& alias) {
  std::string out(kAliasPrefix);
  out.append(alias.account).push_back('\0');
  out.append(alias.region).push_back('\0');
  return out.append(alias.name);
}

std::string encode(const Key& key, const RootKey& root, platform::Random& random) {
  const json value = {{"id", key.id},
                      {"account", key.account},
                      {"region", key.region},
                      {"description", key.description},
                      {"created", key.created.ms},
                      {"manager", static_cast<int>(key.manager)},
                      {"service", key.service},
                      {"state", static_cast<int>(key.state)},
                      {"window_days", key.window_days},
                      {"deletion", key.deletion.ms},
                      {"policy", key.policy},
                      {"tags", key.tags},
                      {"rotation_days", key.rotation.period_days},
                      {"rotation_next", key.rotation.next.ms},
                      {"grants", encode_grants(key)},
                      {"materials", encode_materials(key, root, random)}};
  return wire::to_record(kRecordVersion, value);
}

Result<Key> decode_key(std::string_view record, const RootKey& root) {
  TARN_TRY(const json value, wire::from_record(kRecordVersion, record, "a KMS key"));
  Key key;
  key.id = value.value("id", "");
  key.account = value.value("account", "");
  key.region = value.value("region", "");
  key.description = value.value("description", "");
  key.created.ms = value.value("created", std::int64_t{0});
  key.manager = static_cast<Manager>(value.value("manager", 0));
  key.service = value.value("service", "");
  key.state = static_cast<KeyState>(value.value("state", 0));
  key.window_days = value.value("window_days", 0);
  key.deletion.ms = value.value("deletion", std::int64_t{0});
  key.policy = value.value("policy", "");
  key.tags = value.value("tags", std::map<std::string, std::string>());
  key.rotation.period_days = value.value("rotation_days", 0);
  key.rotation.next.ms = value.value("rotation_next", std::int64_t{0});
  key.grants = decode_grants(value.value("grants", json::array()));
  TARN_TRY(key.materials, decode_materials(value.value("materials", json::array()), key.id, root));
  return key;
}

std::string encode(const Alias& alias) {
  return wire::to_record(kRecordVersion, {{"account", alias.account},
                                          {"region", alias.region},
                                          {"name", alias.name},
                                          {"key", alias.key_id},
                                          {"created", alias.created.ms},
                                          {"updated", alias.updated.ms}});
}

Result<Alias> decode_alias(std::string_view record) {
  TARN_TRY(const json value, wire::from_record(kRecordVersion, record, "a KMS alias"));
  Alias alias;
  alias.account = value.value("account", "");
  alias.region = value.value("region", "");
  alias.name = value.value("name", "");
  alias.key_id = value.value("key", "");
  alias.created.ms = value.value("created", std::int64_t{0});
  alias.updated.ms = value.value("updated", std::int64_t{0});
  return alias;
}

}  // namespace tarn::kms
