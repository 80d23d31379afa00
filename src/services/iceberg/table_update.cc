// Updates of a table's schemas, partition specs, sort orders, properties and place.
#include "services/iceberg/table_update.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/error.h"
#include "services/iceberg/new_table.h"

namespace tarn::iceberg {
namespace {

// The value -1 stands for what was added last in the same commit.
constexpr std::int64_t kLastAddedPart = -1;
// https://iceberg.apache.org/docs/latest/configuration/: write.metadata.previous-versions-max
constexpr std::int64_t kPreviousVersions = 100;

Result<std::int64_t> resolve(std::int64_t id, const std::optional<std::int64_t>& last_added,
                             const char* what) {
  if (id != kLastAddedPart) return id;
  if (!last_added)
    return bad_request(fmt::format("The last added {} is meant, and none was added.", what));
  return *last_added;
}

// The id of an equal entry of `list`, or the next free one.
std::int64_t reuse_or_next(const Json& list, const Json& wanted, const char* id, bool& reused) {
  for (const auto& each : list) {
    if (same(each, wanted, id)) {
      reused = true;
      return number_or(each, id, 0);
    }
  }
  reused = false;
  return largest_id(list, id, -1) + 1;
}

Result<std::vector<std::int64_t>> numbers_at(const Json& update, std::string_view name) {
  TARN_TRY(const Json* given, array_at(update, name));
  std::vector<std::int64_t> out;
  for (const auto& each : *given) {
    if (!each.is_number_integer())
      return bad_request(fmt::format("'{}' must be whole numbers.", name));
    out.push_back(each.get<std::int64_t>());
  }
  return out;
}

Status remove_by_ids(Json& list, const char* id, const std::vector<std::int64_t>& ids,
                     std::int64_t kept, const char* what) {
  Json left = Json::array();
  for (const std::int64_t each : ids) {
    if (find_by_id(list, id, each) == nullptr)
      return bad_request(fmt::format("There is no {} {}.", what, each));
    if (each == kept) return bad_request(fmt::format("The {} {} is in use.", what, each));
  }
  for (const auto& each : list) {
    if (std::find(ids.begin(), ids.end(), number_or(each, id, -1)) == ids.end())
      left.push_back(each);
  }
  list = std::move(left);
  return {};
}

}  // namespace

Status TableUpdates::apply(const Json& update) {
  struct Action {
    std::string_view name;
    Status (TableUpdates::*apply)(const Json&);
  };
  static constexpr Action kActions[] = {
      {"assign-uuid", &TableUpdates::assign_uuid},
      {"upgrade-format-version", &TableUpdates::upgrade_format_version},
      {"add-schema", &TableUpdates::add_schema},
      {"set-current-schema", &TableUpdates::set_current_schema},
      {"add-spec", &TableUpdates::add_spec},
      {"set-default-spec", &TableUpdates::set_default_spec},
      {"add-sort-order", &TableUpdates::add_sort_order},
      {"set-default-sort-order", &TableUpdates::set_default_sort_order},
      {"add-snapshot", &TableUpdates::add_snapshot},
      {"set-snapshot-ref", &TableUpdates::set_snapshot_ref},
      {"remove-snapshots", &TableUpdates::remove_snapshots},
      {"remove-snapshot-ref", &TableUpdates::remove_snapshot_ref},
      {"set-location", &TableUpdates::set_location},
      {"set-properties", &TableUpdates::set_properties},
      {"remove-properties", &TableUpdates::remove_properties},
      {"set-statistics", &TableUpdates::set_statistics},
      {"remove-statistics", &TableUpdates::remove_statistics},
      {"set-partition-statistics", &TableUpdates::set_partition_statistics},
      {"remove-partition-statistics", &TableUpdates::remove_partition_statistics},
      {"remove-partition-specs", &TableUpdates::remove_partition_specs},
      {"remove-schemas", &TableUpdates::remove_schemas},
      {"add-encryption-key", &TableUpdates::add_encryption_key},
      {"remove-encryption-key", &TableUpdates::remove_encryption_key},
  };
  TARN_TRY(const std::string name, text_at(update, "action"));
  for (const auto& action : kActions) {
    if (action.name == name) return (this->*action.apply)(update);
  }
  return bad_request(fmt::format("'{}' is no update of a table that tarn knows.", name));
}

Json& TableUpdates::list(const char* name) {
  Json& out = document()[name];
  if (!out.is_array()) out = Json::array();
  return out;
}

Status TableUpdates::assign_uuid(const Json& update) {
  TARN_TRY(std::string uuid, text_at(update, "uuid"));
  const std::string before = metadata_.uuid();
  if (!creates_ && !before.empty() && before != uuid)
    return bad_request("The UUID of a table cannot be changed.");
  document()["table-uuid"] = std::move(uuid);
  return {};
}

Status TableUpdates::upgrade_format_version(const Json& update) {
  TARN_TRY(const std::int64_t version, number_at(update, "format-version"));
  return upgrade_to(version);
}

Status TableUpdates::upgrade_to(std::int64_t version) {
  const int before = metadata_.format_version();
  if (version > kLastFormatVersion)
    return bad_request(fmt::format("Format version {} is not one that tarn knows.", version));
  // A table that is made has no version before its first.
  if (version < before && !creates_) {
    return bad_request(
        fmt::format("A table of format version {} cannot be made one of {}.", before, version));
  }
  if (version == before) return {};
  Json& d = document();
  d["format-version"] = version;
  if (version == 1) {
    d.erase("last-sequence-number");
    return {};
  }
  if (find(d, "last-sequence-number") == nullptr) d["last-sequence-number"] = 0;
  d.erase("schema");
  d.erase("partition-spec");
  if (version == 3 && find(d, "next-row-id") == nullptr) d["next-row-id"] = 0;
  return {};
}

Status TableUpdates::add_schema(const Json& update) {
  TARN_TRY(const Json* given, object_at(update, "schema"));
  TARN_CHECK(array_at(*given, "fields"));
  TARN_CHECK(check_schema(*given, metadata_.format_version()));
  bool reused = false;
  const std::int64_t id = reuse_or_next(list("schemas"), *given, "schema-id", reused);
  if (!reused) {
    Json schema = *given;
    schema["schema-id"] = id;
    list("schemas").push_back(std::move(schema));
  }
  document()["last-column-id"] =
      std::max(metadata_.number("last-column-id", 0), largest_field_id(*given));
  last_added_schema_ = id;
  return {};
}

Status TableUpdates::set_current_schema(const Json& update) {
  TARN_TRY(const std::int64_t given, number_at(update, "schema-id"));
  TARN_TRY(const std::int64_t id, resolve(given, last_added_schema_, "schema"));
  if (find_by_id(list("schemas"), "schema-id", id) == nullptr)
    return bad_request(fmt::format("There is no schema {}.", id));
  document()["current-schema-id"] = id;
  return {};
}

Status TableUpdates::add_spec(const Json& update) {
  TARN_TRY(const Json* given, object_at(update, "spec"));
  TARN_CHECK(array_at(*given, "fields"));
  Json spec = *given;
  std::int64_t last = metadata_.number("last-partition-id", kNoPartitionId);
  for (auto& field : spec["fields"]) {
    TARN_CHECK(text_at(field, "name"));
    if (find(field, "field-id") == nullptr) field["field-id"] = ++last;
    last = std::max(last, number_or(field, "field-id", 0));
  }
  bool reused = false;
  const std::int64_t id = reuse_or_next(list("partition-specs"), spec, "spec-id", reused);
  if (!reused) {
    spec["spec-id"] = id;
    list("partition-specs").push_back(std::move(spec));
  }
  document()["last-partition-id"] = last;
  last_added_spec_ = id;
  return {};
}

Status TableUpdates::set_default_spec(const Json& update) {
  TARN_TRY(const std::int64_t given, number_at(update, "spec-id"));
  TARN_TRY(const std::int64_t id, resolve(given, last_added_spec_, "partition spec"));
  if (find_by_id(list("partition-specs"), "spec-id", id) == nullptr)
    return bad_request(fmt::format("There is no partition spec {}.", id));
  document()["default-spec-id"] = id;
  return {};
}

Status TableUpdates::add_sort_order(const Json& update) {
  TARN_TRY(const Json* given, object_at(update, "sort-order"));
  TARN_TRY(const Json* fields, array_at(*given, "fields"));
  bool reused = false;
  std::int64_t id = reuse_or_next(list("sort-orders"), *given, "order-id", reused);
  if (!reused) {
    // 0 is the unsorted order's (https://iceberg.apache.org/spec/#sort-orders).
    id = fields->empty() ? 0 : std::max<std::int64_t>(id, 1);
    Json order = *given;
    order["order-id"] = id;
    list("sort-orders").push_back(std::move(order));
  }
  last_added_order_ = id;
  return {};
}

Status TableUpdates::set_default_sort_order(const Json& update) {
  TARN_TRY(const std::int64_t given, number_at(update, "sort-order-id"));
  TARN_TRY(const std::int64_t id, resolve(given, last_added_order_, "sort order"));
  if (find_by_id(list("sort-orders"), "order-id", id) == nullptr)
    return bad_request(fmt::format("There is no sort order {}.", id));
  document()["default-sort-order-id"] = id;
  return {};
}

Status TableUpdates::set_location(const Json& update) {
  TARN_TRY(document()["location"], text_at(update, "location"));
  return {};
}

Status TableUpdates::set_properties(const Json& update) {
  TARN_TRY(const Json* given, object_at(update, "updates"));
  if (!is_text_map(*given)) return bad_request("'updates' must be texts.");
  for (const auto& [name, value] : given->items()) {
    if (name != "format-version") {
      document()["properties"][name] = value;
      continue;
    }
    // Older clients upgrade a table by this property.
    const auto& text = value.get_ref<const std::string&>();
    int version = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
    if (read.ec != std::errc()) return bad_request("'format-version' must be a number.");
    TARN_CHECK(upgrade_to(version));
  }
  return {};
}

Status TableUpdates::remove_properties(const Json& update) {
  TARN_TRY(const Json* given, array_at(update, "removals"));
  for (const auto& name : *given) {
    if (!name.is_string()) return bad_request("'removals' must be texts.");
    document()["properties"].erase(name.get<std::string>());
  }
  return {};
}

Status TableUpdates::remove_partition_specs(const Json& update) {
  TARN_TRY(const auto ids, numbers_at(update, "spec-ids"));
  return remove_by_ids(list("partition-specs"), "spec-id", ids,
                       metadata_.number("default-spec-id", -1), "partition spec");
}

Status TableUpdates::remove_schemas(const Json& update) {
  TARN_TRY(const auto ids, numbers_at(update, "schema-ids"));
  return remove_by_ids(list("schemas"), "schema-id", ids, metadata_.number("current-schema-id", -1),
                       "schema");
}

Status TableUpdates::add_encryption_key(const Json& update) {
  TARN_TRY(const Json* key, object_at(update, "encryption-key"));
  TARN_TRY(const std::string id, text_at(*key, "key-id"));
  for (const auto& each : list("encryption-keys")) {
    if (text_or(each, "key-id", "") == id) return {};
  }
  list("encryption-keys").push_back(*key);
  return {};
}

Status TableUpdates::remove_encryption_key(const Json& update) {
  TARN_TRY(const std::string id, text_at(update, "key-id"));
  Json left = Json::array();
  for (const auto& each : list("encryption-keys")) {
    if (text_or(each, "key-id", "") != id) left.push_back(each);
  }
  document()["encryption-keys"] = std::move(left);
  return {};
}

void TableUpdates::log_previous(const PreviousMetadata& previous) {
  Json entry;
  entry["timestamp-ms"] = previous.last_updated_ms;
  entry["metadata-file"] = previous.location;
  Json& log = list("metadata-log");
  log.push_back(std::move(entry));
  const std::string text = metadata_.property("write.metadata.previous-versions-max", "");
  std::int64_t most = kPreviousVersions;
  std::from_chars(text.data(), text.data() + text.size(), most);
  most = std::max<std::int64_t>(most, 1);
  const auto excess = static_cast<std::int64_t>(log.size()) - most;
  for (std::int64_t i = 0; i < excess; ++i) {
    dropped_.push_back(text_or(log[0], "metadata-file", ""));
    log.erase(0);
  }
}

Result<TableMetadata> TableUpdates::finish(const std::optional<PreviousMetadata>& previous) {
  Json& d = document();
  if (metadata_.current_schema() == nullptr) return bad_request("The table has no schema.");
  if (metadata_.location().empty()) return bad_request("The table has no location.");
  const Json* spec =
      find_by_id(list("partition-specs"), "spec-id", metadata_.number("default-spec-id", -1));
  if (spec == nullptr) return bad_request("The table has no partition spec.");
  if (metadata_.number("default-sort-order-id", -1) == -1 || list("sort-orders").empty()) {
    Json order;
    order["order-id"] = 0;
    order["fields"] = Json::array();
    if (list("sort-orders").empty()) list("sort-orders").push_back(std::move(order));
    d["default-sort-order-id"] = 0;
  }
  if (metadata_.format_version() == 1) {
    d["partition-spec"] = (*spec)["fields"];
    d["schema"] = *metadata_.current_schema();
  }
  finish_snapshot_log();
  if (!dated_) d["last-updated-ms"] = now_.ms;
  if (previous) log_previous(*previous);
  return metadata_;
}

}  // namespace tarn::iceberg
