// View metadata: a view's document, format version 1, its updates and requirements.
//
// Place: services/iceberg. Threads: pure functions.
// (https://iceberg.apache.org/view-spec/)
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/clock.h"
#include "services/iceberg/json.h"

namespace tarn::iceberg {

struct NewView {
  std::string uuid;
  std::string location;
  Json schema;
  Json version;     // a ViewVersion
  Json properties;  // null: none
};

// Errors of all: BadRequestException.
[[nodiscard]] Result<Json> make_view(NewView view, Timestamp now);
[[nodiscard]] Result<Json> parse_view(std::string_view text);

// Applies the list `updates`; versions beyond the property `version.history.num-entries` go.
[[nodiscard]] Result<Json> update_view(Json metadata, const Json& updates, Timestamp now);
// Error besides: CommitFailedException.
[[nodiscard]] Status check_view_requirement(const Json& requirement, const Json& metadata);

}  // namespace tarn::iceberg
