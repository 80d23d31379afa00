// Changes of several tables of the metastore in one step, and what all changes of tables share.
#include <set>
#include <utility>

#include "base/ids.h"
#include "services/glue/records.h"
#include "services/glue/table_record.h"
#include "services/glue/version_id.h"

namespace tarn::glue {
namespace {

using store::Space;

Error missing_part(const char* name) {
  return {"NotImplemented", std::string(name) + " is not implemented by tarn: leave it out"};
}

std::string tags_key(const Owner& owner, const std::string& database, const std::string& table) {
  const std::string arn =
      make_arn("glue", owner.region, owner.account, "table/" + database + "/" + table);
  return key_of(Record::kTags, owner, {arn});
}

}  // namespace

Status check_table(const TableInput& input) {
  if (input.target_table) return missing_part("TargetTable");
  if (input.view_definition) return missing_part("ViewDefinition");
  return {};
}

Table table_of(TableInput input) {
  Table out;
  out.name = wire::to_lower(input.name);
  out.description = std::move(input.description);
  out.owner = std::move(input.owner);
  out.last_access_time = input.last_access_time;
  out.last_analyzed_time = input.last_analyzed_time;
  out.retention = input.retention.value_or(0);
  out.storage_descriptor = std::move(input.storage_descriptor);
  out.partition_keys = std::move(input.partition_keys);
  out.view_original_text = std::move(input.view_original_text);
  out.view_expanded_text = std::move(input.view_expanded_text);
  out.table_type = std::move(input.table_type);
  out.parameters = std::move(input.parameters);
  out.is_registered_with_lake_formation = false;
  out.is_multi_dialect_view = false;
  return out;
}

std::string table_key(const Owner& owner, const std::string& database, const std::string& name) {
  return key_of(Record::kTable, owner, {wire::to_lower(database), wire::to_lower(name)});
}

Status check_version(const Table& table, const std::optional<std::string>& version_id) {
  const std::string current = table.version_id.value_or("0");
  if (!version_id || *version_id == current) return {};
  return Error("ConcurrentModificationException",
               "Update table failed due to concurrent modifications: the table is at version " +
                   current + ", not " + *version_id + ".");
}

Status follow(const Table& before, const std::optional<std::string>& version_id, Timestamp now,
              Table& after) {
  TARN_CHECK(check_version(before, version_id));
  after.database_name = before.database_name;
  after.create_time = before.create_time;
  after.update_time = now;
  after.created_by = before.created_by;
  after.catalog_id = before.catalog_id;
  after.version_id = next_version(before.version_id.value_or("0"));
  return {};
}

Status Metastore::change_tables(const Owner& owner, std::vector<TableChange> changes) {
  std::vector<std::string> databases;
  for (const auto& change : changes) {
    TARN_CHECK(check_table(change.input));
    databases.push_back(change.database);
  }
  const auto held = lock_all(owner, databases);
  std::set<std::string> seen;
  store::Batch batch;
  for (auto& change : changes) {
    Table after = table_of(std::move(change.input));
    std::string key = table_key(owner, change.database, after.name);
    if (!seen.insert(key).second)
      return invalid_input("Table " + after.name + " is changed twice in one step.");
    TARN_TRY(const auto parent, database(owner, change.database));
    TARN_TRY(const auto before, load<Table>(key));
    if (change.version_id) {
      if (!before) return entity_not_found();
      TARN_CHECK(follow(*before, change.version_id, clock_.now(), after));
    } else {
      if (before) return Error("AlreadyExistsException", "Table already exists.");
      after.database_name = parent.name;
      after.create_time = clock_.now();
      after.update_time = after.create_time;
      after.created_by = owner.arn;
      after.catalog_id = owner.account;
      after.version_id = "0";
    }
    batch.put(Space::kGlue, std::move(key), encode(after));
  }
  return store_.commit(batch);
}

Status Metastore::rename_table(const Owner& owner, const std::string& database_name,
                               const std::string& name, const std::string& new_database,
                               const std::string& new_name) {
  const auto held = lock_all(owner, {database_name, new_database});
  TARN_TRY(const auto before, require_table(owner, database_name, name));
  TARN_TRY(const auto parent, database(owner, new_database));
  const std::string key = table_key(owner, parent.name, new_name);
  TARN_TRY(const auto taken, store_.get(Space::kGlue, key));
  if (taken) return Error("AlreadyExistsException", "Table already exists.");
  const std::string& old_database = *before.database_name;
  TARN_TRY(
      const auto partitions,
      store_.scan(Space::kGlue, key_of(Record::kPartition, owner, {old_database, before.name}), 1));
  if (!partitions.empty()) {
    return Error("NotImplemented",
                 "A table with partitions of Glue cannot be renamed: make a new one");
  }
  Table after = before;
  TARN_CHECK(follow(before, std::nullopt, clock_.now(), after));
  after.name = wire::to_lower(new_name);
  after.database_name = parent.name;
  store::Batch batch;
  batch.remove(Space::kGlue, table_key(owner, old_database, before.name));
  const std::string versions = key_of(Record::kVersion, owner, {old_database, before.name});
  batch.remove_range(Space::kGlue, versions, store::prefix_end(versions));
  const std::string statistics =
      key_of(Record::kTableStatistics, owner, {old_database, before.name});
  TARN_TRY(const auto columns, store_.scan(Space::kGlue, statistics));
  for (const auto& [column, value] : columns) {
    batch.remove(Space::kGlue, column);
    batch.put(Space::kGlue,
              key_of(Record::kTableStatistics, owner, {parent.name, after.name}) +
                  column.substr(statistics.size()),
              value);
  }
  TARN_TRY(const auto tags, store_.get(Space::kGlue, tags_key(owner, old_database, before.name)));
  if (tags) {
    batch.remove(Space::kGlue, tags_key(owner, old_database, before.name));
    batch.put(Space::kGlue, tags_key(owner, parent.name, after.name), *tags);
  }
  batch.put(Space::kGlue, key, encode(after));
  return store_.commit(batch);
}

}  // namespace tarn::glue
