// Tables and views of Iceberg as Glue keeps them.
//
// Place: services/iceberg, between metadata documents and the metastore. Threads: pure functions.
//
// Iceberg's own GlueCatalog writes the same: parameters table_type=ICEBERG and metadata_location,
// the columns of the current schema with Glue's names of types. What other engines wrote beside
// that is kept.
#pragma once

#include <string>

#include "services/glue/api.h"
#include "services/iceberg/table_metadata.h"

namespace tarn::iceberg {

[[nodiscard]] bool is_table(const glue::Table& table);
// Kept as Hive's catalog keeps them: parameter table_type=iceberg-view, so that catalogs which look
// for tables pass over them.
[[nodiscard]] bool is_view(const glue::Table& table);
// Of a table or view; empty where there is none.
[[nodiscard]] std::string metadata_location(const glue::Table& table);

// What Glue keeps of the table from now on; `before` is null for one that is made.
[[nodiscard]] glue::TableInput table_input(const std::string& name, const TableMetadata& metadata,
                                           const std::string& metadata_location,
                                           const glue::Table* before);
// The same of a view, whose document `metadata` is.
[[nodiscard]] glue::TableInput view_input(const std::string& name, const Json& metadata,
                                          const std::string& metadata_location,
                                          const glue::Table* before);

// "struct<a:int,b:array<string>>": Hive's name of Iceberg's type.
[[nodiscard]] std::string glue_type(const Json& type);

}  // namespace tarn::iceberg
