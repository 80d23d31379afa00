// TableRequirement: what a commit wants to hold of the table before it is made.
//
// Place: services/iceberg. Threads: pure functions.
// (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml:
// TableRequirement)
#pragma once

#include "base/result.h"
#include "services/iceberg/table_metadata.h"

namespace tarn::iceberg {

// `metadata` is null where there is no such table. Errors: CommitFailedException (409) where it
// does not hold, BadRequestException (400) where it is no requirement that tarn knows.
[[nodiscard]] Status check_requirement(const Json& requirement, const TableMetadata* metadata);

// Whether the commit makes the table: assert-create is among its requirements.
[[nodiscard]] bool asserts_create(const Json& requirements);

}  // namespace tarn::iceberg
