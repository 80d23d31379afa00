// Databases of the metastore.
#include <set>
#include <utility>

#include "base/ids.h"
#include "services/glue/records.h"

namespace tarn::glue {
namespace {

using store::Space;

// What Glue gives a database that names no permissions: everybody whom IAM lets.
std::vector<PrincipalPermissions> default_permissions() {
  PrincipalPermissions all;
  all.principal.emplace().data_lake_principal_identifier = "IAM_ALLOWED_PRINCIPALS";
  all.permissions = {std::string(values::permission::kAll)};
  return {all};
}

Status check(const DatabaseInput& input) {
  if (input.target_database)
    return Error("NotImplemented", "TargetDatabase is not implemented by tarn: leave it out");
  if (input.federated_database)
    return Error("NotImplemented", "FederatedDatabase is not implemented by tarn: leave it out");
  return {};
}

Database made_of(DatabaseInput input) {
  Database out;
  out.name = wire::to_lower(input.name);
  out.description = std::move(input.description);
  out.location_uri = std::move(input.location_uri);
  out.parameters = std::move(input.parameters);
  out.create_table_default_permissions = std::move(input.create_table_default_permissions);
  if (!out.create_table_default_permissions)
    out.create_table_default_permissions = default_permissions();
  return out;
}

std::string database_key(const Owner& owner, const std::string& lower_name) {
  return key_of(Record::kDatabase, owner, {lower_name});
}

}  // namespace

std::size_t Metastore::stripe_of(const Owner& owner, const std::string& database) const {
  return std::hash<std::string>()(database_key(owner, wire::to_lower(database))) % stripes_.size();
}

std::unique_lock<std::mutex> Metastore::lock(const Owner& owner, const std::string& database) {
  return std::unique_lock(stripes_.at(stripe_of(owner, database)));
}

std::vector<std::unique_lock<std::mutex>> Metastore::lock_all(
    const Owner& owner, const std::vector<std::string>& databases) {
  std::set<std::size_t> stripes;
  for (const auto& database : databases) stripes.insert(stripe_of(owner, database));
  std::vector<std::unique_lock<std::mutex>> out;
  out.reserve(stripes.size());
  for (const std::size_t stripe : stripes) out.emplace_back(stripes_.at(stripe));
  return out;
}

Status Metastore::create_database(const Owner& owner, DatabaseInput input,
                                  const std::map<std::string, std::string>& tags) {
  TARN_CHECK(check(input));
  Database database = made_of(std::move(input));
  const std::string key = database_key(owner, database.name);
  const auto held = lock(owner, database.name);
  TARN_TRY(const auto before, store_.get(Space::kGlue, key));
  if (before) return Error("AlreadyExistsException", "Database already exists.");
  database.create_time = clock_.now();
  database.catalog_id = owner.account;
  store::Batch batch;
  batch.put(Space::kGlue, key, encode(database));
  if (!tags.empty()) {
    const std::string arn =
        make_arn("glue", owner.region, owner.account, "database/" + database.name);
    batch.put(Space::kGlue, key_of(Record::kTags, owner, {arn}), encode_tags(tags));
  }
  return store_.commit(batch);
}

Result<Database> Metastore::database(const Owner& owner, const std::string& name) {
  TARN_TRY(auto found, load<Database>(database_key(owner, wire::to_lower(name))));
  if (!found) return database_not_found(name);
  return std::move(*found);
}

Result<Page<Database>> Metastore::databases(const Owner& owner, const PageRequest& page) {
  return list<Database>(key_of(Record::kDatabase, owner, {}), page,
                        [](const Database&) { return true; });
}

Status Metastore::update_database(const Owner& owner, const std::string& name,
                                  DatabaseInput input) {
  TARN_CHECK(check(input));
  const auto held = lock(owner, name);
  TARN_TRY(const auto before, database(owner, name));
  Database after = made_of(std::move(input));
  if (after.name != before.name)
    return invalid_input("A database cannot be renamed: " + before.name + " to " + after.name);
  after.create_time = before.create_time;
  after.catalog_id = before.catalog_id;
  store::Batch batch;
  batch.put(Space::kGlue, database_key(owner, after.name), encode(after));
  return store_.commit(batch);
}

Status Metastore::change_database(const Owner& owner, const std::string& name,
                                  const std::function<Status(Database&)>& change) {
  const auto held = lock(owner, name);
  TARN_TRY(auto changed, database(owner, name));
  TARN_CHECK(change(changed));
  store::Batch batch;
  batch.put(Space::kGlue, database_key(owner, changed.name), encode(changed));
  return store_.commit(batch);
}

Status Metastore::delete_database(const Owner& owner, const std::string& name, bool only_empty) {
  const auto held = lock(owner, name);
  TARN_TRY(const auto before, database(owner, name));
  for (const Record record : {Record::kTable, Record::kFunction}) {
    if (!only_empty) break;
    TARN_TRY(const auto inside, store_.scan(Space::kGlue, key_of(record, owner, {before.name}), 1));
    if (!inside.empty()) return Error(code::kExists, "Database " + before.name + " is not empty.");
  }
  store::Batch batch;
  batch.remove(Space::kGlue, database_key(owner, before.name));
  for (const Record record :
       {Record::kTable, Record::kVersion, Record::kPartition, Record::kTableStatistics,
        Record::kPartitionStatistics, Record::kFunction}) {
    const std::string first = key_of(record, owner, {before.name});
    batch.remove_range(Space::kGlue, first, store::prefix_end(first));
  }
  // Tags stand under the ARN, which is text: those of the database, then those of its tables.
  const std::string arn = make_arn("glue", owner.region, owner.account, "database/" + before.name);
  batch.remove(Space::kGlue, key_of(Record::kTags, owner, {arn}));
  std::string tables = key_of(Record::kTags, owner, {});
  tables += make_arn("glue", owner.region, owner.account, "table/" + before.name + "/");
  batch.remove_range(Space::kGlue, tables, store::prefix_end(tables));
  return store_.commit(batch);
}

}  // namespace tarn::glue
