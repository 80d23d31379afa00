#include "services/iceberg/glue_table.h"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

constexpr const char* kTableType = "table_type";
constexpr const char* kLocation = "metadata_location";
constexpr const char* kPreviousLocation = "previous_metadata_location";
constexpr const char* kView = "iceberg-view";
// Longest comment of a column in Glue
// (https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html).
constexpr std::size_t kLongestComment = 255;
constexpr std::size_t kLongestDescription = 2048;
constexpr int kDeepest = 100;

std::string parameter(const glue::Table& table, const char* name) {
  if (!table.parameters) return {};
  const auto found = table.parameters->find(name);
  return found == table.parameters->end() ? std::string() : found->second;
}

std::string nested_type(const Json& type, int depth);

std::string type_at(const Json& parent, const char* name, int depth) {
  const Json* type = find(parent, name);
  return type == nullptr ? "string" : nested_type(*type, depth + 1);
}

std::string nested_type(const Json& type, int depth) {
  if (depth > kDeepest) return "string";
  if (type.is_string()) {
    const auto& name = type.get_ref<const std::string&>();
    static const std::pair<std::string_view, std::string_view> kNames[] = {
        {"long", "bigint"},
        {"uuid", "string"},
        {"time", "string"},
        {"timestamptz", "timestamp"},
        {"timestamp_ns", "timestamp"},
        {"timestamptz_ns", "timestamp"}};
    for (const auto& [iceberg, hive] : kNames) {
      if (name == iceberg) return std::string(hive);
    }
    if (name.starts_with("fixed")) return "binary";
    // Glue takes decimal(9,2) without a space.
    std::string out;
    for (const char c : name) {
      if (c != ' ') out += c;
    }
    return out;
  }
  const std::string kind = text_or(type, "type", "");
  if (kind == "list") return fmt::format("array<{}>", type_at(type, "element", depth));
  if (kind == "map")
    return fmt::format("map<{},{}>", type_at(type, "key", depth), type_at(type, "value", depth));
  std::string fields;
  if (const Json* list = find(type, "fields")) {
    for (const auto& field : *list) {
      if (!fields.empty()) fields += ',';
      fields += text_or(field, "name", "") + ":" + type_at(field, "type", depth);
    }
  }
  return fmt::format("struct<{}>", fields);
}

void add_columns(const Json& schema, bool current, std::set<std::string>& seen,
                 std::vector<glue::Column>& out) {
  const Json* fields = find(schema, "fields");
  if (fields == nullptr) return;
  for (const auto& field : *fields) {
    glue::Column column;
    column.name = text_or(field, "name", "");
    if (!seen.insert(column.name).second) continue;
    column.type = type_at(field, "type", 0);
    if (std::string comment = text_or(field, "doc", ""); !comment.empty()) {
      comment.resize(std::min(comment.size(), kLongestComment));
      column.comment = std::move(comment);
    }
    const Json* required = find(field, "required");
    const bool optional = required == nullptr || !required->is_boolean() || !required->get<bool>();
    column.parameters = {{"iceberg.field.id", std::to_string(number_or(field, "id", 0))},
                         {"iceberg.field.optional", optional ? "true" : "false"},
                         {"iceberg.field.current", current ? "true" : "false"}};
    out.push_back(std::move(column));
  }
}

// Columns of the current schema, then those that only earlier ones have.
std::vector<glue::Column> columns_of(const Json& document, std::int64_t current_schema) {
  std::vector<glue::Column> out;
  std::set<std::string> seen;
  const Json* schemas = find(document, "schemas");
  if (schemas == nullptr) return out;
  if (const Json* current = find_by_id(*schemas, "schema-id", current_schema))
    add_columns(*current, true, seen, out);
  for (const auto& schema : *schemas) {
    if (number_or(schema, "schema-id", -1) != current_schema) add_columns(schema, false, seen, out);
  }
  return out;
}

glue::TableInput input_after(const std::string& name, const glue::Table* before) {
  glue::TableInput out;
  out.name = name;
  out.parameters.emplace();
  if (before == nullptr) return out;
  out.description = before->description;
  out.owner = before->owner;
  out.last_access_time = before->last_access_time;
  out.last_analyzed_time = before->last_analyzed_time;
  out.retention = before->retention;
  out.storage_descriptor = before->storage_descriptor;
  out.partition_keys = before->partition_keys;
  out.view_original_text = before->view_original_text;
  out.view_expanded_text = before->view_expanded_text;
  if (before->parameters) out.parameters = before->parameters;
  return out;
}

void set_place(glue::TableInput& input, const Json& document, std::int64_t current_schema,
               const std::string& location) {
  if (!input.storage_descriptor) input.storage_descriptor.emplace();
  input.storage_descriptor->columns = columns_of(document, current_schema);
  input.storage_descriptor->location = text_or(document, "location", "");
  auto& parameters = *input.parameters;
  if (const auto found = parameters.find(kLocation); found != parameters.end())
    parameters[kPreviousLocation] = found->second;
  parameters[kLocation] = location;
}

// SQL of the current version, for who looks at the view through Glue.
std::string sql_of(const Json& metadata) {
  const Json* versions = find(metadata, "versions");
  if (versions == nullptr) return {};
  const Json* current =
      find_by_id(*versions, "version-id", number_or(metadata, "current-version-id", -1));
  const Json* representations = current == nullptr ? nullptr : find(*current, "representations");
  if (representations == nullptr || representations->empty()) return {};
  return text_or((*representations)[0], "sql", "");
}

std::int64_t schema_of_view(const Json& metadata) {
  const Json* versions = find(metadata, "versions");
  if (versions == nullptr) return -1;
  const Json* current =
      find_by_id(*versions, "version-id", number_or(metadata, "current-version-id", -1));
  return current == nullptr ? -1 : number_or(*current, "schema-id", -1);
}

}  // namespace

bool is_table(const glue::Table& table) {
  return wire::equals_ignoring_case(parameter(table, kTableType), "ICEBERG");
}

bool is_view(const glue::Table& table) {
  return wire::equals_ignoring_case(parameter(table, kTableType), kView);
}

std::string metadata_location(const glue::Table& table) {
  return parameter(table, kLocation);
}

std::string glue_type(const Json& type) {
  return nested_type(type, 0);
}

glue::TableInput table_input(const std::string& name, const TableMetadata& metadata,
                             const std::string& metadata_location, const glue::Table* before) {
  glue::TableInput out = input_after(name, before);
  out.table_type = "EXTERNAL_TABLE";
  set_place(out, metadata.document(), metadata.number("current-schema-id", -1), metadata_location);
  (*out.parameters)[kTableType] = "ICEBERG";
  if (std::string comment = metadata.property("comment"); !comment.empty()) {
    comment.resize(std::min(comment.size(), kLongestDescription));
    out.description = std::move(comment);
  }
  return out;
}

glue::TableInput view_input(const std::string& name, const Json& metadata,
                            const std::string& metadata_location, const glue::Table* before) {
  glue::TableInput out = input_after(name, before);
  out.table_type = "VIRTUAL_VIEW";
  set_place(out, metadata, schema_of_view(metadata), metadata_location);
  (*out.parameters)[kTableType] = kView;
  out.view_original_text = sql_of(metadata);
  out.view_expanded_text = out.view_original_text;
  return out;
}

}  // namespace tarn::iceberg
