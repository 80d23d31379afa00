// Metastore: databases, tables, versions, partitions, column statistics and functions as they stand
// in the store.
//
// Place: glue, between the handlers (and the Iceberg REST catalog, services/iceberg) and the store.
// Formats: docs/formats/glue.md, version 2. Threads: safe from any thread; every call may wait for
// the disk, so it runs on the blocking pool. Changes below one database follow one another, so of
// two updates from the same version exactly one wins.
//
// Errors of all: EntityNotFoundException, AlreadyExistsException, InvalidInputException,
// ConcurrentModificationException as Glue words them, those of the store, kCorrupt.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "services/glue/api.h"
#include "store/store.h"
#include "wire/json_codec.h"

namespace tarn::glue {

// Whose catalog, and for what is written into it.
struct Owner {
  std::string account;
  std::string region;
  std::string arn;  // of the caller
};

template <class Shape>
struct Page {
  std::vector<Shape> entries;
  std::optional<std::string> next_token;
};

struct PageRequest {
  std::optional<std::string> token;
  std::size_t limit = 100;
};

class Metastore {
 public:
  Metastore(store::Store& store, platform::Clock& clock) : store_(store), clock_(clock) {}

  // databases.cc. Names are folded to lower case, as Glue does.
  Status create_database(const Owner& owner, DatabaseInput input,
                         const std::map<std::string, std::string>& tags);
  [[nodiscard]] Result<Database> database(const Owner& owner, const std::string& name);
  [[nodiscard]] Result<Page<Database>> databases(const Owner& owner, const PageRequest& page);
  Status update_database(const Owner& owner, const std::string& name, DatabaseInput input);
  // Reads, changes and writes in one step. `change` may refuse.
  Status change_database(const Owner& owner, const std::string& name,
                         const std::function<Status(Database&)>& change);
  // With everything in it; with `only_empty` kExists where a table or function is in it.
  Status delete_database(const Owner& owner, const std::string& name, bool only_empty = false);

  // tables.cc
  Status create_table(const Owner& owner, const std::string& database, TableInput input);
  [[nodiscard]] Result<Table> table(const Owner& owner, const std::string& database,
                                    const std::string& name);
  // Those whose whole name matches the regular expression, where one is given.
  [[nodiscard]] Result<Page<Table>> tables(const Owner& owner, const std::string& database,
                                           const std::optional<std::string>& expression,
                                           const PageRequest& page);
  // Those that `keep` accepts.
  [[nodiscard]] Result<Page<Table>> tables(const Owner& owner, const std::string& database,
                                           const std::function<bool(const Table&)>& keep,
                                           const PageRequest& page);
  // Of every database.
  [[nodiscard]] Result<std::vector<Table>> search_tables(
      const Owner& owner, const std::function<bool(const Table&)>& keep);
  // ConcurrentModificationException, where `version_id` is given and is not the table's.
  Status update_table(const Owner& owner, const std::string& database, TableInput input,
                      const std::optional<std::string>& version_id, bool skip_archive);
  // `last_version`: ConcurrentModificationException, where it is given and is not the table's.
  // With `purge` the table is kept aside until forget_purge, so that its files can be removed.
  Status delete_table(const Owner& owner, const std::string& database, const std::string& name,
                      const std::optional<std::string>& last_version = std::nullopt,
                      bool purge = false);
  // Tables that were deleted with `purge`, by what forget_purge takes.
  [[nodiscard]] Result<std::vector<std::pair<std::string, Table>>> purges(const Owner& owner);
  Status forget_purge(const std::string& key);

  // table_changes.cc. Several tables in one step: all or nothing.
  struct TableChange {
    std::string database;
    TableInput input;
    std::optional<std::string> version_id;  // that it follows; nullopt: the table is made
  };
  // As create_table and update_table (without an archived version) say.
  Status change_tables(const Owner& owner, std::vector<TableChange> changes);
  // Its tags and statistics go along; earlier versions do not, as when Iceberg's GlueCatalog
  // renames.
  Status rename_table(const Owner& owner, const std::string& database, const std::string& name,
                      const std::string& new_database, const std::string& new_name);

  // versions.cc. The current version is among them; an empty `version_id` means it.
  [[nodiscard]] Result<Table> table_version(const Owner& owner, const std::string& database,
                                            const std::string& name, const std::string& version_id);
  // Newest first.
  [[nodiscard]] Result<Page<Table>> table_versions(const Owner& owner, const std::string& database,
                                                   const std::string& name,
                                                   const PageRequest& page);
  Status delete_table_version(const Owner& owner, const std::string& database,
                              const std::string& name, const std::string& version_id);

  // partitions.cc
  using Values = std::vector<std::string>;
  // All in one commit; those that cannot be made are told by their place in `inputs`.
  [[nodiscard]] Result<std::vector<std::pair<std::size_t, Error>>> create_partitions(
      const Owner& owner, const std::string& database, const std::string& table,
      std::vector<PartitionInput> inputs);
  [[nodiscard]] Result<Partition> partition(const Owner& owner, const std::string& database,
                                            const std::string& table, const Values& values);
  // Those that fulfil the expression (partition_filter.h), where one is given.
  [[nodiscard]] Result<Page<Partition>> partitions(const Owner& owner, const std::string& database,
                                                   const std::string& table,
                                                   const std::optional<std::string>& expression,
                                                   const PageRequest& page,
                                                   const std::optional<Segment>& segment);
  Status update_partition(const Owner& owner, const std::string& database, const std::string& table,
                          const Values& values, PartitionInput input);
  [[nodiscard]] Result<std::vector<std::pair<std::size_t, Error>>> delete_partitions(
      const Owner& owner, const std::string& database, const std::string& table,
      const std::vector<Values>& values);

  // column_statistics.cc. `values` names a partition; nullopt: the whole table. Names are those of
  // columns; those that cannot be read or kept are told by their place.
  using Refused = std::vector<std::pair<std::size_t, Error>>;
  [[nodiscard]] Result<std::pair<std::vector<ColumnStatistics>, Refused>> column_statistics(
      const Owner& owner, const std::string& database, const std::string& table,
      const std::optional<Values>& values, const std::vector<std::string>& columns);
  [[nodiscard]] Result<Refused> put_column_statistics(
      const Owner& owner, const std::string& database, const std::string& table,
      const std::optional<Values>& values, const std::vector<ColumnStatistics>& statistics);
  Status delete_column_statistics(const Owner& owner, const std::string& database,
                                  const std::string& table, const std::optional<Values>& values,
                                  const std::string& column);

  // functions.cc
  Status create_function(const Owner& owner, const std::string& database,
                         UserDefinedFunctionInput input);
  [[nodiscard]] Result<UserDefinedFunction> function(const Owner& owner,
                                                     const std::string& database,
                                                     const std::string& name);
  // Of one database or of all, those whose whole name matches the regular expression.
  [[nodiscard]] Result<Page<UserDefinedFunction>> functions(
      const Owner& owner, const std::optional<std::string>& database, const std::string& pattern,
      const std::optional<std::string>& type, const PageRequest& page);
  Status update_function(const Owner& owner, const std::string& database, const std::string& name,
                         UserDefinedFunctionInput input);
  Status delete_function(const Owner& owner, const std::string& database, const std::string& name);

  // tags.cc. The resource is a database or table, by its ARN.
  [[nodiscard]] Result<std::map<std::string, std::string>> tags(const Owner& owner,
                                                                const std::string& arn);
  Status tag(const Owner& owner, const std::string& arn,
             const std::map<std::string, std::string>& added,
             const std::vector<std::string>& removed);

 private:
  template <class Shape>
  Result<std::optional<Shape>> load(const std::string& key);
  // A page of what stands below `prefix`, from what `keep` accepts.
  template <class Shape, class Keep>
  Result<Page<Shape>> list(const std::string& prefix, const PageRequest& page, Keep keep);

  Result<std::string> statistics_prefix(const Owner& owner, const Table& table,
                                        const std::optional<Values>& values);
  // Held while something below the database changes.
  [[nodiscard]] std::unique_lock<std::mutex> lock(const Owner& owner, const std::string& database);
  // The same of several databases. Databases may share a stripe, which is taken once; stripes are
  // taken in their order, so that callers cannot block each other for good.
  [[nodiscard]] std::vector<std::unique_lock<std::mutex>> lock_all(
      const Owner& owner, const std::vector<std::string>& databases);
  [[nodiscard]] std::size_t stripe_of(const Owner& owner, const std::string& database) const;
  Result<Table> require_table(const Owner& owner, const std::string& database,
                              const std::string& name);

  store::Store& store_;
  platform::Clock& clock_;
  std::array<std::mutex, 64> stripes_;
};

}  // namespace tarn::glue
