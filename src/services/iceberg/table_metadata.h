// TableMetadata: a table's metadata document, format versions 1 to 3.
//
// Place: services/iceberg. Threads: a value type.
// (https://iceberg.apache.org/spec/#table-metadata-fields)
//
// The document is kept as it was written, members that tarn does not know included; what a version
// 1 document says in its old way only is said in the new way too, as the specification asks of
// writers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "services/iceberg/json.h"

namespace tarn::iceberg {

inline constexpr int kDefaultFormatVersion = 2;
inline constexpr int kLastFormatVersion = 3;
inline constexpr std::string_view kMainBranch = "main";
// The first id of a partition field is the one after it.
inline constexpr std::int64_t kNoPartitionId = 999;

class TableMetadata {
 public:
  // Error: BadRequestException, where `text` is no metadata of a version that tarn knows.
  [[nodiscard]] static Result<TableMetadata> parse(std::string_view text);
  // Before anything is known of the table but its format version.
  [[nodiscard]] static TableMetadata empty();

  [[nodiscard]] const Json& document() const { return document_; }
  [[nodiscard]] Json& document() { return document_; }

  [[nodiscard]] int format_version() const;
  [[nodiscard]] std::string uuid() const { return text_or(document_, "table-uuid", ""); }
  [[nodiscard]] std::string location() const { return text_or(document_, "location", ""); }
  [[nodiscard]] std::int64_t number(std::string_view member, std::int64_t fallback) const {
    return number_or(document_, member, fallback);
  }
  [[nodiscard]] std::string property(std::string_view name, std::string fallback = {}) const;
  // Each nullptr where there is none.
  [[nodiscard]] const Json* current_schema() const;
  [[nodiscard]] const Json* snapshot(std::int64_t id) const;
  // What the branch or tag points to.
  [[nodiscard]] std::optional<std::int64_t> ref(std::string_view name) const;

  // A copy that has only snapshots to which a branch or tag leads (snapshots=refs of LoadTable).
  [[nodiscard]] Json with_referenced_snapshots() const;
  // Where the next metadata file goes: "{folder}/{version}-{uuid}.metadata.json".
  [[nodiscard]] std::string metadata_folder() const;

 private:
  explicit TableMetadata(Json document) : document_(std::move(document)) {}
  Status normalise();
  Status check() const;

  Json document_;
};

// Folders that hold the table's objects: its location, and those of the properties
// write.data.path and write.metadata.path.
[[nodiscard]] std::vector<std::string> table_folders(const TableMetadata& metadata);

// The one of `list` whose `member` is `id`; nullptr where none is.
[[nodiscard]] const Json* find_by_id(const Json& list, std::string_view member, std::int64_t id);
// Largest `member` of `list`, `fallback` of an empty one.
[[nodiscard]] std::int64_t largest_id(const Json& list, std::string_view member,
                                      std::int64_t fallback);

}  // namespace tarn::iceberg
