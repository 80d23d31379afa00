// NewTable: the first metadata of a table, from what CreateTable gives.
//
// Place: services/iceberg. Threads: pure functions.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/clock.h"
#include "services/iceberg/table_metadata.h"

namespace tarn::iceberg {

struct NewTable {
  std::string uuid;
  std::string location;
  Json schema;
  Json partition_spec;  // null: none
  Json write_order;     // null: unsorted
  Json properties;      // an object of texts
};

// Ids of columns, partition fields and sort orders are assigned anew, as the specification's
// reference implementation does: clients may send any (Spark's begin at 0), and read them from the
// answer. Errors: BadRequestException.
[[nodiscard]] Result<TableMetadata> make_table(NewTable table, Timestamp now);

// Error: BadRequestException, where a type or default needs a newer format version.
[[nodiscard]] Status check_schema(const Json& schema, int format_version);
// Largest field id within the schema.
[[nodiscard]] std::int64_t largest_field_id(const Json& schema);

}  // namespace tarn::iceberg
