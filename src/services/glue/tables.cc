// Tables of the metastore: what Iceberg commits by.
#include <limits>
#include <utility>

#include <re2/re2.h>

#include "base/ids.h"
#include "services/glue/records.h"
#include "services/glue/table_record.h"
#include "services/glue/version_id.h"

namespace tarn::glue {

using store::Space;

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
  TARN_CHECK(check_table(input));
  Table table = table_of(std::move(input));
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

Result<Page<Table>> Metastore::tables(const Owner& owner, const std::string& database_name,
                                      const std::function<bool(const Table&)>& keep,
                                      const PageRequest& page) {
  TARN_TRY(const auto parent, database(owner, database_name));
  return list<Table>(key_of(Record::kTable, owner, {parent.name}), page, keep);
}

Result<std::vector<Table>> Metastore::search_tables(const Owner& owner,
                                                    const std::function<bool(const Table&)>& keep) {
  PageRequest all;
  all.limit = std::numeric_limits<std::size_t>::max();
  TARN_TRY(auto found, list<Table>(key_of(Record::kTable, owner, {}), all, keep));
  return std::move(found.entries);
}

Status Metastore::update_table(const Owner& owner, const std::string& database_name,
                               TableInput input, const std::optional<std::string>& version_id,
                               bool skip_archive) {
  TARN_CHECK(check_table(input));
  Table after = table_of(std::move(input));
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto before, require_table(owner, database_name, after.name));
  TARN_CHECK(follow(before, version_id, clock_.now(), after));
  store::Batch batch;
  if (!skip_archive)
    batch.put(
        Space::kGlue,
        version_key(owner, *before.database_name, before.name, before.version_id.value_or("0")),
        encode(before));
  batch.put(Space::kGlue, table_key(owner, *before.database_name, before.name), encode(after));
  return store_.commit(batch);
}

Status Metastore::delete_table(const Owner& owner, const std::string& database_name,
                               const std::string& name,
                               const std::optional<std::string>& last_version, bool purge) {
  const auto held = lock(owner, database_name);
  TARN_TRY(const auto before, require_table(owner, database_name, name));
  TARN_CHECK(check_version(before, last_version));
  store::Batch batch;
  batch.remove(Space::kGlue, table_key(owner, *before.database_name, before.name));
  for (const Record record : {Record::kVersion, Record::kPartition, Record::kTableStatistics,
                              Record::kPartitionStatistics}) {
    const std::string first = key_of(record, owner, {*before.database_name, before.name});
    batch.remove_range(Space::kGlue, first, store::prefix_end(first));
  }
  const std::string arn = make_arn("glue", owner.region, owner.account,
                                   "table/" + *before.database_name + "/" + before.name);
  batch.remove(Space::kGlue, key_of(Record::kTags, owner, {arn}));
  if (purge) {
    // Two tables of one name may follow each other: the time tells them apart.
    const std::string when = std::to_string(clock_.now().ms);
    batch.put(Space::kGlue,
              key_of(Record::kPurge, owner,
                     {*before.database_name, before.name, before.version_id.value_or("0"), when}),
              encode(before));
  }
  return store_.commit(batch);
}

Result<std::vector<std::pair<std::string, Table>>> Metastore::purges(const Owner& owner) {
  TARN_TRY(const auto records, store_.scan(Space::kGlue, key_of(Record::kPurge, owner, {})));
  std::vector<std::pair<std::string, Table>> out;
  for (const auto& [key, value] : records) {
    TARN_TRY(auto table, decode<Table>(value));
    out.emplace_back(key, std::move(table));
  }
  return out;
}

Status Metastore::forget_purge(const std::string& key) {
  store::Batch batch;
  batch.remove(Space::kGlue, key);
  return store_.commit(batch);
}

}  // namespace tarn::glue
