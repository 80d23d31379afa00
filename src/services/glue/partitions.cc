// Partitions of the metastore.
#include <functional>
#include <set>
#include <utility>

#include "services/glue/partition_filter.h"
#include "services/glue/records.h"

namespace tarn::glue {
namespace {

using store::Space;

std::string partition_key(const Owner& owner, const Table& table, const Metastore::Values& values) {
  std::string out = key_of(Record::kPartition, owner, {*table.database_name, table.name});
  for (const auto& value : values) append_part(out, value);
  return out;
}

Status check_values(const Table& table, const Metastore::Values& values) {
  const std::size_t keys = table.partition_keys ? table.partition_keys->size() : 0;
  if (values.size() == keys) return {};
  return invalid_input("The number of partition keys do not match the number of partition values");
}

Partition made_of(PartitionInput input, const Table& table) {
  Partition out;
  out.values = input.values ? std::move(*input.values) : Metastore::Values();
  out.database_name = table.database_name;
  out.table_name = table.name;
  out.last_access_time = input.last_access_time;
  out.last_analyzed_time = input.last_analyzed_time;
  out.storage_descriptor = std::move(input.storage_descriptor);
  out.parameters = std::move(input.parameters);
  out.catalog_id = table.catalog_id;
  return out;
}

// Those of the partition's columns go with it.
void remove_statistics(const Owner& owner, const Table& table, const Metastore::Values& values,
                       store::Batch& batch) {
  std::string first =
      key_of(Record::kPartitionStatistics, owner, {*table.database_name, table.name});
  for (const auto& value : values) append_part(first, value);
  batch.remove_range(Space::kGlue, first, store::prefix_end(first));
}

Error partition_exists() {
  return {"AlreadyExistsException", "Partition already exists."};
}
Error partition_not_found() {
  return {"EntityNotFoundException", "Cannot find partition."};
}

// The segment that a partition is in, of those that share a listing.
bool in_segment(const Partition& partition, const std::optional<Segment>& segment) {
  if (!segment) return true;
  std::size_t hash = 0;
  for (const auto& value : *partition.values) hash = hash * 31 + std::hash<std::string>()(value);
  return hash % static_cast<std::size_t>(segment->total_segments) ==
         static_cast<std::size_t>(segment->segment_number);
}

}  // namespace

Result<std::vector<std::pair<std::size_t, Error>>> Metastore::create_partitions(
    const Owner& owner, const std::string& database, const std::string& table_name,
    std::vector<PartitionInput> inputs) {
  const auto held = lock(owner, database);
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  std::vector<std::pair<std::size_t, Error>> refused;
  std::set<std::string> seen;
  store::Batch batch;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Partition partition = made_of(std::move(inputs[i]), table);
    if (auto checked = check_values(table, *partition.values); !checked.ok()) {
      refused.emplace_back(i, std::move(checked).error());
      continue;
    }
    std::string key = partition_key(owner, table, *partition.values);
    TARN_TRY(const auto before, store_.get(Space::kGlue, key));
    if (before || !seen.insert(key).second) {
      refused.emplace_back(i, partition_exists());
      continue;
    }
    partition.creation_time = clock_.now();
    batch.put(Space::kGlue, std::move(key), encode(partition));
  }
  if (!batch.empty()) TARN_CHECK(store_.commit(batch));
  return refused;
}

Result<Partition> Metastore::partition(const Owner& owner, const std::string& database,
                                       const std::string& table_name, const Values& values) {
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  TARN_CHECK(check_values(table, values));
  TARN_TRY(auto found, load<Partition>(partition_key(owner, table, values)));
  if (!found) return partition_not_found();
  return std::move(*found);
}

Result<Page<Partition>> Metastore::partitions(const Owner& owner, const std::string& database,
                                              const std::string& table_name,
                                              const std::optional<std::string>& expression,
                                              const PageRequest& page,
                                              const std::optional<Segment>& segment) {
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  if (segment && segment->segment_number >= segment->total_segments) {
    return invalid_input("SegmentNumber must be less than TotalSegments.");
  }
  std::optional<PartitionFilter> filter;
  if (expression && wire::trim(*expression) != "") {
    TARN_TRY(filter,
             PartitionFilter::parse(*expression, table.partition_keys ? *table.partition_keys
                                                                      : std::vector<Column>()));
  }
  return list<Partition>(partition_key(owner, table, {}), page, [&](const Partition& each) {
    return in_segment(each, segment) && (!filter || filter->matches(*each.values));
  });
}

Status Metastore::update_partition(const Owner& owner, const std::string& database,
                                   const std::string& table_name, const Values& values,
                                   PartitionInput input) {
  const auto held = lock(owner, database);
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  TARN_CHECK(check_values(table, values));
  const std::string old_key = partition_key(owner, table, values);
  TARN_TRY(const auto before, load<Partition>(old_key));
  if (!before) return partition_not_found();
  if (!input.values) input.values = values;
  Partition after = made_of(std::move(input), table);
  TARN_CHECK(check_values(table, *after.values));
  after.creation_time = before->creation_time;
  const std::string new_key = partition_key(owner, table, *after.values);
  store::Batch batch;
  if (new_key != old_key) {
    TARN_TRY(const auto taken, store_.get(Space::kGlue, new_key));
    if (taken) return partition_exists();
    batch.remove(Space::kGlue, old_key);
    remove_statistics(owner, table, values, batch);
  }
  batch.put(Space::kGlue, new_key, encode(after));
  return store_.commit(batch);
}

Result<std::vector<std::pair<std::size_t, Error>>> Metastore::delete_partitions(
    const Owner& owner, const std::string& database, const std::string& table_name,
    const std::vector<Values>& values) {
  const auto held = lock(owner, database);
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  std::vector<std::pair<std::size_t, Error>> refused;
  store::Batch batch;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (auto checked = check_values(table, values[i]); !checked.ok()) {
      refused.emplace_back(i, std::move(checked).error());
      continue;
    }
    std::string key = partition_key(owner, table, values[i]);
    TARN_TRY(const auto before, store_.get(Space::kGlue, key));
    if (before) {
      batch.remove(Space::kGlue, std::move(key));
      remove_statistics(owner, table, values[i], batch);
    } else {
      refused.emplace_back(i, partition_not_found());
    }
  }
  if (!batch.empty()) TARN_CHECK(store_.commit(batch));
  return refused;
}

}  // namespace tarn::glue
