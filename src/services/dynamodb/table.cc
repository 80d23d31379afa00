#include "services/dynamodb/table.h"

#include "base/ids.h"
#include "services/dynamodb/api.h"
#include "services/dynamodb/expression/evaluate.h"
#include "wire/json_value.h"

namespace tarn::dynamodb {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

json to_json(const KeySchema& keys) {
  json out;
  out["hash"] = {{"name", keys.hash.name}, {"type", std::string(type_name(keys.hash.type))}};
  if (keys.range) {
    out["range"] = {{"name", keys.range->name}, {"type", std::string(type_name(keys.range->type))}};
  }
  return out;
}

KeyAttribute key_attribute(const json& in) {
  return {in.at("name").get<std::string>(),
          type_of_name(in.at("type").get<std::string>()).value_or(Type::kString)};
}

KeySchema key_schema(const json& in) {
  KeySchema out;
  out.hash = key_attribute(in.at("hash"));
  if (in.contains("range")) out.range = key_attribute(in.at("range"));
  return out;
}

json to_json(const IndexRecord& index) {
  return {{"number", index.number},
          {"name", index.name},
          {"global", index.global},
          {"keys", to_json(index.keys)},
          {"projection", index.projection_type},
          {"nonKeyAttributes", index.non_key_attributes},
          {"status", index.status},
          {"readUnits", index.read_units},
          {"writeUnits", index.write_units}};
}

IndexRecord index_record(const json& in) {
  IndexRecord out;
  out.number = in.at("number").get<std::uint16_t>();
  out.name = in.at("name").get<std::string>();
  out.global = in.at("global").get<bool>();
  out.keys = key_schema(in.at("keys"));
  out.projection_type = in.at("projection").get<std::string>();
  out.non_key_attributes = in.at("nonKeyAttributes").get<std::vector<std::string>>();
  out.status = in.at("status").get<std::string>();
  out.read_units = in.at("readUnits").get<std::int64_t>();
  out.write_units = in.at("writeUnits").get<std::int64_t>();
  return out;
}

TableRecord table_record(const json& in) {
  TableRecord out;
  out.id = in.at("id").get<std::uint64_t>();
  out.account = in.at("account").get<std::string>();
  out.region = in.at("region").get<std::string>();
  out.name = in.at("name").get<std::string>();
  out.uuid = in.at("uuid").get<std::string>();
  out.status = in.at("status").get<std::string>();
  out.keys = key_schema(in.at("keys"));
  for (const auto& [name, type] : in.at("attributes").items()) {
    out.attributes[name] = type_of_name(type.get<std::string>()).value_or(Type::kString);
  }
  out.billing_mode = in.at("billingMode").get<std::string>();
  out.read_units = in.at("readUnits").get<std::int64_t>();
  out.write_units = in.at("writeUnits").get<std::int64_t>();
  out.created.ms = in.at("createdMs").get<std::int64_t>();
  out.on_demand_since.ms = in.at("onDemandSinceMs").get<std::int64_t>();
  for (const auto& index : in.at("indexes")) out.indexes.push_back(index_record(index));
  out.next_index = in.at("nextIndex").get<std::uint16_t>();
  out.ttl_attribute = in.at("ttlAttribute").get<std::string>();
  out.tags = in.at("tags").get<std::map<std::string, std::string>>();
  out.deletion_protection = in.at("deletionProtection").get<bool>();
  out.table_class = in.at("tableClass").get<std::string>();
  return out;
}

std::vector<KeySchemaElement> elements(const KeySchema& keys) {
  std::vector<KeySchemaElement> out;
  out.push_back({keys.hash.name, std::string(values::key_type::kHash)});
  if (keys.range) out.push_back({keys.range->name, std::string(values::key_type::kRange)});
  return out;
}

Projection projection_of(const IndexRecord& index) {
  Projection out;
  out.projection_type = index.projection_type;
  if (!index.non_key_attributes.empty()) out.non_key_attributes = index.non_key_attributes;
  return out;
}

ProvisionedThroughputDescription throughput(std::int64_t read, std::int64_t write) {
  ProvisionedThroughputDescription out;
  out.number_of_decreases_today = 0;
  out.read_capacity_units = read;
  out.write_capacity_units = write;
  return out;
}

void describe_index(const TableRecord& record, const IndexRecord& index, TableDescription& out) {
  const std::string arn = record.arn() + "/index/" + index.name;
  if (index.global) {
    GlobalSecondaryIndexDescription description;
    description.index_name = index.name;
    description.key_schema = elements(index.keys);
    description.projection = projection_of(index);
    description.index_status = index.status;
    if (index.status == values::index_status::kCreating) description.backfilling = true;
    description.provisioned_throughput = throughput(index.read_units, index.write_units);
    description.index_arn = arn;
    if (!out.global_secondary_indexes) out.global_secondary_indexes.emplace();
    out.global_secondary_indexes->push_back(std::move(description));
    return;
  }
  LocalSecondaryIndexDescription description;
  description.index_name = index.name;
  description.key_schema = elements(index.keys);
  description.projection = projection_of(index);
  description.index_arn = arn;
  if (!out.local_secondary_indexes) out.local_secondary_indexes.emplace();
  out.local_secondary_indexes->push_back(std::move(description));
}

}  // namespace

std::string TableRecord::arn() const {
  return make_arn("dynamodb", region, account, "table/" + name);
}

const IndexRecord* TableRecord::index(std::string_view index_name) const {
  for (const auto& each : indexes) {
    if (each.name == index_name) return &each;
  }
  return nullptr;
}

std::string encode_table(const TableRecord& record) {
  json attributes = json::object();
  for (const auto& [name, type] : record.attributes)
    attributes[name] = std::string(type_name(type));
  json indexes = json::array();
  for (const auto& index : record.indexes) indexes.push_back(to_json(index));
  const json out = {{"version", kVersion},
                    {"id", record.id},
                    {"account", record.account},
                    {"region", record.region},
                    {"name", record.name},
                    {"uuid", record.uuid},
                    {"status", record.status},
                    {"keys", to_json(record.keys)},
                    {"attributes", attributes},
                    {"billingMode", record.billing_mode},
                    {"readUnits", record.read_units},
                    {"writeUnits", record.write_units},
                    {"createdMs", record.created.ms},
                    {"onDemandSinceMs", record.on_demand_since.ms},
                    {"indexes", indexes},
                    {"nextIndex", record.next_index},
                    {"ttlAttribute", record.ttl_attribute},
                    {"tags", record.tags},
                    {"deletionProtection", record.deletion_protection},
                    {"tableClass", record.table_class}};
  return out.dump();
}

Result<TableRecord> decode_table(std::string_view text) {
  try {
    const json in = wire::parse_json(text);
    if (in.at("version").get<int>() != kVersion) {
      return Error(code::kCorrupt, "a stored DynamoDB table has an unknown format version");
    }
    return table_record(in);
  } catch (const json::exception& failure) {
    // nlohmann-json speaks in exceptions only; they end here.
    return Error(code::kCorrupt,
                 std::string("a stored DynamoDB table is damaged: ") + failure.what());
  }
}

Table::Table(TableRecord record)
    : record_(std::make_shared<const TableRecord>(std::move(record))) {}

std::shared_ptr<const TableRecord> Table::record() const {
  const std::lock_guard lock(mutex_);
  return record_;
}

void Table::set_record(TableRecord record) {
  auto next = std::make_shared<const TableRecord>(std::move(record));
  const std::lock_guard lock(mutex_);
  record_ = std::move(next);
}

TableDescription describe(const Table& table) {
  const auto record = table.record();
  TableDescription out;
  out.table_name = record->name;
  out.table_status = record->status;
  out.creation_date_time = record->created;
  out.table_arn = record->arn();
  out.table_id = record->uuid;
  out.provisioned_throughput = throughput(record->read_units, record->write_units);
  out.table_size_bytes = std::max<std::int64_t>(0, table.bytes);
  out.item_count = std::max<std::int64_t>(0, table.items);
  out.deletion_protection_enabled = record->deletion_protection;
  if (record->on_demand_since.ms != 0) {
    BillingModeSummary summary;
    summary.billing_mode = record->billing_mode;
    summary.last_update_to_pay_per_request_date_time = record->on_demand_since;
    out.billing_mode_summary = std::move(summary);
  }
  if (!record->table_class.empty()) {
    TableClassSummary summary;
    summary.table_class = record->table_class;
    out.table_class_summary = std::move(summary);
  }
  if (record->status == values::table_status::kDeleting) return out;
  out.key_schema = elements(record->keys);
  auto& definitions = out.attribute_definitions.emplace();
  for (const auto& [name, type] : record->attributes) {
    definitions.push_back({name, std::string(type_name(type))});
  }
  for (const auto& index : record->indexes) describe_index(*record, index, out);
  return out;
}

}  // namespace tarn::dynamodb
