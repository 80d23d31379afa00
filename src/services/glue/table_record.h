// What the table files of the metastore share: a table as it is kept, and how it follows another.
//
// Place: glue, inside only. Threads: pure functions.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "services/glue/metastore.h"

namespace tarn::glue {

// Error: NotImplemented by the name of what tarn does not keep.
[[nodiscard]] Status check_table(const TableInput& input);
// Without what the metastore itself knows: database, times, version.
[[nodiscard]] Table table_of(TableInput input);
// Names in any case.
[[nodiscard]] std::string table_key(const Owner& owner, const std::string& database,
                                    const std::string& name);

// Error: ConcurrentModificationException, where `version_id` is given and is not the table's.
[[nodiscard]] Status check_version(const Table& table,
                                   const std::optional<std::string>& version_id);
// Makes `after` the version that follows `before`. Error: as check_version.
[[nodiscard]] Status follow(const Table& before, const std::optional<std::string>& version_id,
                            Timestamp now, Table& after);

}  // namespace tarn::glue
