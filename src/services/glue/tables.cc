// Tables of the metastore: what Iceberg commits by.
#include <charconv>
#include <utility>

#include <re2/re2.h>

#include "base/ids.h"
#include "services/glue/records.h"
#include "services/glue/version_id.h"

namespace tarn::glue {
namespace {

using store::Space;

Error missing_part(const char* name) {
  return {"NotImplemented", std::string(name) + " is not implemented by tarn: leave it out"};
}

Status check(const TableInput& input) {
  if (input.target_table) return missing_part("TargetTable");
  if (input.view_definition) return missing_part("ViewDefinition");
  return {};
}

Table made_of(TableInput input) {
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

}  // namespace

Result<Table> Metastore::require_table(const Owner& owner, const std::string& database_name,
                                       const std::string& name) {
  TARN_TRY(auto found, load<Table>(table_key(owner, database_name, name)));
  if (found) return std::move(*found);
  // Glue tells a missing database from a missing table, and clients do too.
  TARN_CHECK(database(owner, database_name));
  return entity_not_found();
}

Status Metastore::create_table(const Owner& owner, const std::string& database_name,
                               TableInput input) {
  TARN_CHECK(check(input));
  Table table = made_of(std::move(input));
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto parent, database(owner, database_name));
  const std::string key = table_key(owner, parent.name, table.name);
  TARN_TRY(const auto before, store_.get(Space::kGlue, key));
  if (before) return Error("AlreadyExistsException", "Table already exists.");
  table.database_name = parent.name;
  table.create_time = clock_.now();
  table.update_time = table.create_time;
  table.created_by = owner.arn;
  table.catalog_id = owner.account;
  table.version_id = "0";
  store::Batch batch;
  batch.put(Space::kGlue, key, encode(table));
  return store_.commit(batch);
}

Result<Table> Metastore::table(const Owner& owner, const std::string& database_name,
                               const std::string& name) {
  return require_table(owner, database_name, name);
}

Result<Page<Table>> Metastore::tables(const Owner& owner, const std::string& database_name,
                                      const std::optional<std::string>& expression,
                                      const PageRequest& page) {
  TARN_TRY(const auto parent, database(owner, database_name));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(false);
  const re2::RE2 pattern(expression && !expression->empty() ? *expression : ".*", options);
  if (!pattern.ok())
    return invalid_input("Expression is no regular expression: " + pattern.error());
  return list<Table>(key_of(Record::kTable, owner, {parent.name}), page,
                     [&](const Table& table) { return re2::RE2::FullMatch(table.name, pattern); });
}

Status Metastore::update_table(const Owner& owner, const std::string& database_name,
                               TableInput input, const std::optional<std::string>& version_id,
                               bool skip_archive) {
  TARN_CHECK(check(input));
  Table after = made_of(std::move(input));
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto before, require_table(owner, database_name, after.name));
  const std::string current = before.version_id.value_or("0");
  if (version_id && *version_id != current) {
    return Error("ConcurrentModificationException",
                 "Update table failed due to concurrent modifications: the table is at version " +
                     current + ", not " + *version_id + ".");
  }
  after.database_name = before.database_name;
  after.create_time = before.create_time;
  after.update_time = clock_.now();
  after.created_by = before.created_by;
  after.catalog_id = before.catalog_id;
  after.version_id = next_version(current);
  store::Batch batch;
  if (!skip_archive)
    batch.put(Space::kGlue, version_key(owner, *before.database_name, before.name, current),
              encode(before));
  batch.put(Space::kGlue, table_key(owner, *before.database_name, before.name), encode(after));
  return store_.commit(batch);
}

Status Metastore::delete_table(const Owner& owner, const std::string& database_name,
                               const std::string& name) {
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto before, require_table(owner, database_name, name));
  store::Batch batch;
  batch.remove(Space::kGlue, table_key(owner, *before.database_name, before.name));
  for (const Record record : {Record::kVersion, Record::kPartition}) {
    const std::string first = key_of(record, owner, {*before.database_name, before.name});
    batch.remove_range(Space::kGlue, first, store::prefix_end(first));
  }
  const std::string arn = make_arn("glue", owner.region, owner.account,
                                   "table/" + *before.database_name + "/" + before.name);
  batch.remove(Space::kGlue, key_of(Record::kTags, owner, {arn}));
  return store_.commit(batch);
}

}  // namespace tarn::glue
