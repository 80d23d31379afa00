// Version ids of tables: decimal numbers that count a table's updates.
//
// Place: glue, inside only. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "services/glue/metastore.h"

namespace tarn::glue {

[[nodiscard]] std::string next_version(std::string_view version_id);
[[nodiscard]] bool is_version(std::string_view version_id);

// Where an earlier version of a table stands; newer ones stand first. Names are in lower case.
[[nodiscard]] std::string version_key(const Owner& owner, std::string_view database,
                                      std::string_view table, std::string_view version_id);

}  // namespace tarn::glue
