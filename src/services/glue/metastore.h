// Metastore: databases, tables, versions and partitions as they stand in the store.
//
// Place: glue, between the handlers and the store. Formats: docs/formats/glue.md, version 1.
// Threads: safe from any thread; every call may wait for the disk, so it runs on the blocking pool.
// Changes below one database follow one another, so of two updates from the same version exactly
// one wins.
//
// Errors of all: EntityNotFoundException, AlreadyExistsException, InvalidInputException,
// ConcurrentModificationException as Glue words them, those of the store, kCorrupt.
#pragma once

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
  // With everything in it.
  Status delete_database(const Owner& owner, const std::string& name);

  // tables.cc
  Status create_table(const Owner& owner, const std::string& database, TableInput input);
  [[nodiscard]] Result<Table> table(const Owner& owner, const std::string& database,
                                    const std::string& name);
  // Those whose whole name matches the regular expression, where one is given.
  [[nodiscard]] Result<Page<Table>> tables(const Owner& owner, const std::string& database,
                                           const std::optional<std::string>& expression,
                                           const PageRequest& page);
  // ConcurrentModificationException, where `version_id` is given and is not the table's.
  Status update_table(const Owner& owner, const std::string& database, TableInput input,
                      const std::optional<std::string>& version_id, bool skip_archive);
  Status delete_table(const Owner& owner, const std::string& database, const std::string& name);

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

  // Held while something below the database changes.
  [[nodiscard]] std::unique_lock<std::mutex> lock(const Owner& owner, const std::string& database);
  Result<Table> require_table(const Owner& owner, const std::string& database,
                              const std::string& name);

  store::Store& store_;
  platform::Clock& clock_;
};

}  // namespace tarn::glue
