#include "services/iceberg/new_table.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/error.h"

namespace tarn::iceberg {
namespace {

// Nested types are bounded, since they are walked by recursion.
constexpr int kDeepest = 100;

using Ids = std::map<std::int64_t, std::int64_t>;  // a field's id before: and now

// Gives new ids to all fields of a struct, then to what is within them.
class FreshIds {
 public:
  Status visit_type(Json& type, int depth) {
    if (depth > kDeepest) return bad_request("The schema is nested too deeply.");
    if (!type.is_object()) return {};
    const std::string kind = text_or(type, "type", "");
    if (kind == "struct") return visit_struct(type, depth);
    if (kind == "list") {
      TARN_CHECK(take(type, "element-id"));
      return visit_member(type, "element", depth);
    }
    if (kind == "map") {
      TARN_CHECK(take(type, "key-id"));
      TARN_CHECK(take(type, "value-id"));
      TARN_CHECK(visit_member(type, "key", depth));
      return visit_member(type, "value", depth);
    }
    return bad_request(fmt::format("'{}' is no type of a nested field.", kind));
  }

  [[nodiscard]] const Ids& ids() const { return ids_; }
  [[nodiscard]] std::int64_t last() const { return last_; }

 private:
  Status visit_struct(Json& type, int depth) {
    TARN_CHECK(array_at(type, "fields"));
    std::set<std::string> names;
    for (auto& field : type["fields"]) {
      TARN_TRY(const std::string name, text_at(field, "name"));
      if (!names.insert(name).second)
        return bad_request(fmt::format("The schema has two fields of the name '{}'.", name));
      TARN_CHECK(take(field, "id"));
    }
    for (auto& field : type["fields"]) TARN_CHECK(visit_member(field, "type", depth));
    return {};
  }

  Status visit_member(Json& parent, const char* name, int depth) {
    if (find(parent, name) == nullptr)
      return bad_request(fmt::format("'{}' of a field must be given.", name));
    return visit_type(parent[name], depth + 1);
  }

  Status take(Json& parent, const char* name) {
    TARN_TRY(const std::int64_t before, number_at(parent, name));
    if (!ids_.emplace(before, last_ + 1).second)
      return bad_request(fmt::format("The field id {} stands twice in the schema.", before));
    parent[name] = ++last_;
    return {};
  }

  Ids ids_;
  std::int64_t last_ = 0;
};

Status remap(Json& field, const Ids& ids) {
  // Version 3 has source-ids for transforms of several columns.
  if (find(field, "source-ids") != nullptr && field["source-ids"].is_array()) {
    for (auto& id : field["source-ids"]) {
      const auto found = id.is_number_integer() ? ids.find(id.get<std::int64_t>()) : ids.end();
      if (found == ids.end()) return bad_request("A source-id is no field of the schema.");
      id = found->second;
    }
    if (find(field, "source-id") == nullptr) return {};
  }
  TARN_TRY(const std::int64_t before, number_at(field, "source-id"));
  const auto found = ids.find(before);
  if (found == ids.end())
    return bad_request(fmt::format("source-id {} is no field of the schema.", before));
  field["source-id"] = found->second;
  return {};
}

Result<Json> fresh_spec(const Json& given, const Ids& ids) {
  Json out;
  out["spec-id"] = 0;
  out["fields"] = Json::array();
  if (given.is_null()) return out;
  TARN_TRY(const Json* fields, array_at(given, "fields"));
  std::int64_t next = kNoPartitionId;
  for (Json field : *fields) {
    TARN_CHECK(text_at(field, "name"));
    TARN_CHECK(text_at(field, "transform"));
    TARN_CHECK(remap(field, ids));
    field["field-id"] = ++next;
    out["fields"].push_back(std::move(field));
  }
  return out;
}

Result<Json> fresh_order(const Json& given, const Ids& ids) {
  Json out;
  out["order-id"] = 0;
  out["fields"] = Json::array();
  if (given.is_null()) return out;
  TARN_TRY(const Json* fields, array_at(given, "fields"));
  if (!fields->empty()) out["order-id"] = 1;
  for (Json field : *fields) {
    TARN_CHECK(remap(field, ids));
    out["fields"].push_back(std::move(field));
  }
  return out;
}

Result<int> requested_version(const Json& properties) {
  const std::string text =
      text_or(properties, "format-version", std::to_string(kDefaultFormatVersion));
  int version = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (failure != std::errc() || end != text.data() + text.size() || version < 1 ||
      version > kLastFormatVersion) {
    return bad_request(
        fmt::format("format-version {} is not one of 1 to {}.", text, kLastFormatVersion));
  }
  return version;
}

// Said by members of the document, never kept as properties
// (https://iceberg.apache.org/docs/latest/configuration/#reserved-table-properties).
constexpr std::string_view kReserved[] = {"format-version",      "uuid",
                                          "snapshot-count",      "current-snapshot-summary",
                                          "current-snapshot-id", "current-snapshot-timestamp-ms",
                                          "current-schema",      "default-partition-spec",
                                          "default-sort-order"};

bool needs_version_3(const std::string& type) {
  return type == "unknown" || type == "variant" || type == "timestamp_ns" ||
         type == "timestamptz_ns" || type.starts_with("geometry") || type.starts_with("geography");
}

Status check_type(const Json& type, int version, int depth) {
  if (depth > kDeepest) return bad_request("The schema is nested too deeply.");
  if (type.is_string()) {
    const auto& name = type.get_ref<const std::string&>();
    if (version >= 3 || !needs_version_3(name)) return {};
    return bad_request(
        fmt::format("The type {} needs format-version 3; the table has {}.", name, version));
  }
  if (const Json* fields = find(type, "fields"); fields != nullptr && fields->is_array()) {
    for (const auto& field : *fields) {
      if (version < 3 && (field.contains("initial-default") || field.contains("write-default"))) {
        return bad_request(fmt::format(
            "A default of a column needs format-version 3; the table has {}.", version));
      }
      if (field.contains("type")) TARN_CHECK(check_type(field["type"], version, depth + 1));
    }
  }
  for (const char* part : {"element", "key", "value"}) {
    if (const Json* within = find(type, part)) TARN_CHECK(check_type(*within, version, depth + 1));
  }
  return {};
}

void find_largest(const Json& type, int depth, std::int64_t& largest) {
  if (!type.is_object() || depth > kDeepest) return;
  if (const Json* fields = find(type, "fields"); fields != nullptr && fields->is_array()) {
    for (const auto& field : *fields) {
      largest = std::max(largest, number_or(field, "id", 0));
      if (const Json* within = find(field, "type")) find_largest(*within, depth + 1, largest);
    }
  }
  for (const char* id : {"element-id", "key-id", "value-id"})
    largest = std::max(largest, number_or(type, id, 0));
  for (const char* part : {"element", "key", "value"}) {
    if (const Json* within = find(type, part)) find_largest(*within, depth + 1, largest);
  }
}

Result<Json> fresh_schema(Json schema, FreshIds& fresh) {
  if (!schema.is_object()) return bad_request("'schema' must be given and be an object.");
  schema["type"] = "struct";
  schema["schema-id"] = 0;
  TARN_CHECK(fresh.visit_type(schema, 0));
  if (const Json* given = find(schema, "identifier-field-ids"); given != nullptr) {
    Json identifiers = Json::array();
    for (const auto& id : *given) {
      const auto found =
          id.is_number_integer() ? fresh.ids().find(id.get<std::int64_t>()) : fresh.ids().end();
      if (found == fresh.ids().end())
        return bad_request("An identifier-field-id is no field of the schema.");
      identifiers.push_back(found->second);
    }
    schema["identifier-field-ids"] = std::move(identifiers);
  }
  return schema;
}

}  // namespace

Status check_schema(const Json& schema, int format_version) {
  return check_type(schema, format_version, 0);
}

std::int64_t largest_field_id(const Json& schema) {
  std::int64_t out = 0;
  find_largest(schema, 0, out);
  return out;
}

Result<TableMetadata> make_table(NewTable table, Timestamp now) {
  if (table.properties.is_null()) table.properties = Json::object();
  if (!is_text_map(table.properties)) return bad_request("'properties' must be texts.");
  TARN_TRY(const int version, requested_version(table.properties));
  FreshIds fresh;
  TARN_TRY(Json schema, fresh_schema(std::move(table.schema), fresh));
  TARN_CHECK(check_schema(schema, version));
  TARN_TRY(Json spec, fresh_spec(table.partition_spec, fresh.ids()));
  TARN_TRY(Json order, fresh_order(table.write_order, fresh.ids()));
  for (const auto name : kReserved) table.properties.erase(std::string(name));

  TableMetadata out = TableMetadata::empty();
  Json& d = out.document();
  d["format-version"] = version;
  d["table-uuid"] = table.uuid;
  d["location"] = table.location;
  d["last-updated-ms"] = now.ms;
  d["last-column-id"] = fresh.last();
  d["current-schema-id"] = 0;
  d["default-spec-id"] = 0;
  d["last-partition-id"] = kNoPartitionId + static_cast<std::int64_t>(spec["fields"].size());
  d["default-sort-order-id"] = order["order-id"];
  d["properties"] = std::move(table.properties);
  if (version == 1) {
    d.erase("last-sequence-number");
    d["schema"] = schema;
    d["partition-spec"] = spec["fields"];
  }
  if (version == 3) {
    d["next-row-id"] = 0;
    d.erase("current-snapshot-id");
  }
  d["schemas"].push_back(std::move(schema));
  d["partition-specs"].push_back(std::move(spec));
  d["sort-orders"].push_back(std::move(order));
  return out;
}

}  // namespace tarn::iceberg
