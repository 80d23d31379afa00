// Column statistics of tables and partitions in the metastore.
#include <algorithm>
#include <utility>

#include "services/glue/records.h"

namespace tarn::glue {
namespace {

using store::Space;

// Column names are kept in lower case, as Hive's are.
bool has_column(const std::optional<std::vector<Column>>& columns, const std::string& lower) {
  return columns && std::any_of(columns->begin(), columns->end(), [&](const Column& each) {
           return wire::to_lower(each.name) == lower;
         });
}

Error no_such_column(const std::string& column) {
  return {"EntityNotFoundException", "Column " + column + " not found in the table."};
}

// The type names which of the members must be there
// (https://docs.aws.amazon.com/glue/latest/webapi/API_ColumnStatisticsData.html).
Status check(const ColumnStatisticsData& data) {
  const std::pair<std::string_view, bool> kinds[] = {
      {"BOOLEAN", data.boolean_column_statistics_data.has_value()},
      {"DATE", data.date_column_statistics_data.has_value()},
      {"DECIMAL", data.decimal_column_statistics_data.has_value()},
      {"DOUBLE", data.double_column_statistics_data.has_value()},
      {"LONG", data.long_column_statistics_data.has_value()},
      {"STRING", data.string_column_statistics_data.has_value()},
      {"BINARY", data.binary_column_statistics_data.has_value()},
  };
  for (const auto& [kind, given] : kinds) {
    if ((kind == data.type) == given) continue;
    return invalid_input("StatisticsData of type " + data.type +
                         " must have the data of this type and no other.");
  }
  return {};
}

}  // namespace

// Where the statistics of the table's or the partition's columns begin.
Result<std::string> Metastore::statistics_prefix(const Owner& owner, const Table& table,
                                                 const std::optional<Values>& values) {
  if (!values) return key_of(Record::kTableStatistics, owner, {*table.database_name, table.name});
  TARN_CHECK(partition(owner, *table.database_name, table.name, *values));
  std::string out = key_of(Record::kPartitionStatistics, owner, {*table.database_name, table.name});
  for (const auto& value : *values) append_part(out, value);
  return out;
}

Result<std::pair<std::vector<ColumnStatistics>, Metastore::Refused>> Metastore::column_statistics(
    const Owner& owner, const std::string& database, const std::string& table_name,
    const std::optional<Values>& values, const std::vector<std::string>& columns) {
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  TARN_TRY(const auto prefix, statistics_prefix(owner, table, values));
  std::pair<std::vector<ColumnStatistics>, Refused> out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string key = prefix;
    append_part(key, wire::to_lower(columns[i]));
    TARN_TRY(auto found, load<ColumnStatistics>(key));
    if (found) {
      out.first.push_back(std::move(*found));
    } else {
      out.second.emplace_back(i, Error("EntityNotFoundException",
                                       "Statistics of column " + columns[i] + " not found."));
    }
  }
  return out;
}

Result<Metastore::Refused> Metastore::put_column_statistics(
    const Owner& owner, const std::string& database, const std::string& table_name,
    const std::optional<Values>& values, const std::vector<ColumnStatistics>& statistics) {
  const auto held = lock(owner, database);
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  TARN_TRY(const auto prefix, statistics_prefix(owner, table, values));
  Refused refused;
  store::Batch batch;
  for (std::size_t i = 0; i < statistics.size(); ++i) {
    const std::string column = wire::to_lower(statistics[i].column_name);
    const bool known =
        (table.storage_descriptor && has_column(table.storage_descriptor->columns, column)) ||
        has_column(table.partition_keys, column);
    if (!known) {
      refused.emplace_back(i, no_such_column(statistics[i].column_name));
      continue;
    }
    if (auto checked = check(statistics[i].statistics_data); !checked.ok()) {
      refused.emplace_back(i, std::move(checked).error());
      continue;
    }
    std::string key = prefix;
    append_part(key, column);
    batch.put(Space::kGlue, std::move(key), encode(statistics[i]));
  }
  if (!batch.empty()) TARN_CHECK(store_.commit(batch));
  return refused;
}

Status Metastore::delete_column_statistics(const Owner& owner, const std::string& database,
                                           const std::string& table_name,
                                           const std::optional<Values>& values,
                                           const std::string& column) {
  const auto held = lock(owner, database);
  TARN_TRY(const auto table, require_table(owner, database, table_name));
  TARN_TRY(auto key, statistics_prefix(owner, table, values));
  append_part(key, wire::to_lower(column));
  TARN_TRY(const auto found, store_.get(Space::kGlue, key));
  if (!found)
    return Error("EntityNotFoundException", "Statistics of column " + column + " not found.");
  store::Batch batch;
  batch.remove(Space::kGlue, key);
  return store_.commit(batch);
}

}  // namespace tarn::glue
