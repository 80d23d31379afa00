#include "services/iceberg/table_metadata.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/error.h"

namespace tarn::iceberg {
namespace {

Json unsorted() {
  Json out;
  out["order-id"] = 0;
  out["fields"] = Json::array();
  return out;
}

// A list of objects that each have a whole number `id`.
bool is_list_with_ids(const Json& document, std::string_view name, std::string_view id) {
  const Json* list = find(document, name);
  if (list == nullptr) return true;
  return list->is_array() && std::all_of(list->begin(), list->end(), [&](const Json& each) {
           const Json* number = find(each, id);
           return number != nullptr && number->is_number_integer();
         });
}

}  // namespace

const Json* find_by_id(const Json& list, std::string_view member, std::int64_t id) {
  for (const auto& each : list) {
    if (number_or(each, member, -1) == id) return &each;
  }
  return nullptr;
}

std::int64_t largest_id(const Json& list, std::string_view member, std::int64_t fallback) {
  std::int64_t out = fallback;
  for (const auto& each : list) out = std::max(out, number_or(each, member, fallback));
  return out;
}

Result<TableMetadata> TableMetadata::parse(std::string_view text) {
  Json document = wire::parse_ordered_json(text);
  if (!document.is_object()) return bad_request("The table's metadata file is no JSON object.");
  TableMetadata out(std::move(document));
  TARN_CHECK(out.normalise());
  TARN_CHECK(out.check());
  return out;
}

TableMetadata TableMetadata::empty() {
  Json document;
  document["format-version"] = kDefaultFormatVersion;
  document["table-uuid"] = nullptr;
  document["location"] = nullptr;
  document["last-sequence-number"] = 0;
  document["last-updated-ms"] = 0;
  document["last-column-id"] = 0;
  document["current-schema-id"] = -1;
  document["schemas"] = Json::array();
  document["default-spec-id"] = -1;
  document["partition-specs"] = Json::array();
  document["last-partition-id"] = kNoPartitionId;
  document["default-sort-order-id"] = -1;
  document["sort-orders"] = Json::array();
  document["properties"] = Json::object();
  document["current-snapshot-id"] = -1;
  document["refs"] = Json::object();
  document["snapshots"] = Json::array();
  document["statistics"] = Json::array();
  document["partition-statistics"] = Json::array();
  document["snapshot-log"] = Json::array();
  document["metadata-log"] = Json::array();
  return TableMetadata(std::move(document));
}

// What readers of older metadata have to assume
// (https://iceberg.apache.org/spec/#version-2, "Reading v1 metadata for v2").
Status TableMetadata::normalise() {
  Json& d = document_;
  TARN_TRY(const std::int64_t version, number_at(d, "format-version"));
  if (version < 1 || version > kLastFormatVersion) {
    return bad_request(fmt::format("Format version {} is not one that tarn knows (1 to {}).",
                                   version, kLastFormatVersion));
  }
  if (find(d, "schemas") == nullptr && find(d, "schema") != nullptr) {
    Json schema = d["schema"];
    if (find(schema, "schema-id") == nullptr) schema["schema-id"] = 0;
    d["current-schema-id"] = schema["schema-id"];
    d["schemas"] = Json::array({std::move(schema)});
  }
  if (find(d, "partition-specs") == nullptr && find(d, "partition-spec") != nullptr) {
    Json spec;
    spec["spec-id"] = 0;
    spec["fields"] = d["partition-spec"];
    std::int64_t next = kNoPartitionId;
    for (auto& field : spec["fields"]) {
      if (find(field, "field-id") == nullptr) field["field-id"] = ++next;
    }
    d["default-spec-id"] = 0;
    d["partition-specs"] = Json::array({std::move(spec)});
  }
  if (find(d, "last-partition-id") == nullptr && find(d, "partition-specs") != nullptr) {
    std::int64_t last = kNoPartitionId;
    for (const auto& spec : d["partition-specs"]) {
      if (const Json* fields = find(spec, "fields"))
        last = std::max(last, largest_id(*fields, "field-id", kNoPartitionId));
    }
    d["last-partition-id"] = last;
  }
  if (find(d, "sort-orders") == nullptr) {
    d["sort-orders"] = Json::array({unsorted()});
    d["default-sort-order-id"] = 0;
  }
  for (const char* list : {"snapshots", "snapshot-log", "metadata-log"}) {
    if (find(d, list) == nullptr) d[list] = Json::array();
  }
  if (find(d, "properties") == nullptr) d["properties"] = Json::object();
  const std::int64_t current = number("current-snapshot-id", -1);
  if (find(d, "refs") == nullptr) {
    d["refs"] = Json::object();
    if (current != -1) {
      Json main;
      main["snapshot-id"] = current;
      main["type"] = "branch";
      d["refs"][std::string(kMainBranch)] = std::move(main);
    }
  }
  return {};
}

Status TableMetadata::check() const {
  for (const char* object : {"properties", "refs"}) TARN_CHECK(object_at(document_, object));
  for (const char* list :
       {"schemas", "partition-specs", "sort-orders", "snapshots", "snapshot-log", "metadata-log"})
    TARN_CHECK(array_at(document_, list));
  TARN_CHECK(text_at(document_, "location"));
  for (const char* number :
       {"last-column-id", "current-schema-id", "default-spec-id", "default-sort-order-id"})
    TARN_CHECK(number_at(document_, number));
  const bool ids = is_list_with_ids(document_, "schemas", "schema-id") &&
                   is_list_with_ids(document_, "partition-specs", "spec-id") &&
                   is_list_with_ids(document_, "sort-orders", "order-id") &&
                   is_list_with_ids(document_, "snapshots", "snapshot-id") &&
                   is_list_with_ids(document_, "statistics", "snapshot-id") &&
                   is_list_with_ids(document_, "partition-statistics", "snapshot-id");
  if (!ids) return bad_request("The table's metadata has an entry without its id.");
  if (current_schema() == nullptr)
    return bad_request("The table's metadata has no schema of its current-schema-id.");
  return {};
}

int TableMetadata::format_version() const {
  return static_cast<int>(number("format-version", kDefaultFormatVersion));
}

std::string TableMetadata::property(std::string_view name, std::string fallback) const {
  const Json* properties = find(document_, "properties");
  return properties == nullptr ? fallback : text_or(*properties, name, std::move(fallback));
}

const Json* TableMetadata::current_schema() const {
  const Json* schemas = find(document_, "schemas");
  return schemas == nullptr ? nullptr
                            : find_by_id(*schemas, "schema-id", number("current-schema-id", -1));
}

const Json* TableMetadata::snapshot(std::int64_t id) const {
  const Json* snapshots = find(document_, "snapshots");
  return snapshots == nullptr ? nullptr : find_by_id(*snapshots, "snapshot-id", id);
}

std::optional<std::int64_t> TableMetadata::ref(std::string_view name) const {
  const Json* refs = find(document_, "refs");
  const Json* found = refs == nullptr ? nullptr : find(*refs, name);
  const Json* id = found == nullptr ? nullptr : find(*found, "snapshot-id");
  if (id == nullptr || !id->is_number_integer()) return std::nullopt;
  return id->get<std::int64_t>();
}

Json TableMetadata::with_referenced_snapshots() const {
  std::set<std::int64_t> wanted;
  for (const auto& each : document_["refs"]) wanted.insert(number_or(each, "snapshot-id", -1));
  Json out = document_;
  Json kept = Json::array();
  for (const auto& each : document_["snapshots"]) {
    if (wanted.contains(number_or(each, "snapshot-id", -1))) kept.push_back(each);
  }
  out["snapshots"] = std::move(kept);
  return out;
}

std::vector<std::string> table_folders(const TableMetadata& metadata) {
  std::vector<std::string> out = {metadata.location()};
  for (const char* property : {"write.data.path", "write.metadata.path"}) {
    std::string folder = metadata.property(property);
    if (!folder.empty()) out.push_back(std::move(folder));
  }
  return out;
}

std::string TableMetadata::metadata_folder() const {
  std::string folder = property("write.metadata.path");
  if (folder.empty()) folder = location() + "/metadata";
  while (folder.ends_with('/')) folder.pop_back();
  return folder;
}

}  // namespace tarn::iceberg
