// TableUpdates: a list of TableUpdate applied to TableMetadata, as one commit.
//
// Place: services/iceberg. Threads: for one commit.
// (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml: TableUpdate)
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "services/iceberg/table_metadata.h"

namespace tarn::iceberg {

// The file that held the metadata before, which goes into the metadata log.
struct PreviousMetadata {
  std::string location;
  std::int64_t last_updated_ms = 0;
};

class TableUpdates {
 public:
  // `base` is what the table has, or TableMetadata::empty() for one that is made.
  TableUpdates(TableMetadata base, bool creates, Timestamp now)
      : metadata_(std::move(base)), creates_(creates), now_(now) {}

  // Errors: BadRequestException (400): an unknown action, something that must exist and does not.
  Status apply(const Json& update);

  // The metadata after all updates. `previous` is logged where given; entries of the log beyond
  // `write.metadata.previous-versions-max` go, and are told by dropped_metadata_files().
  // Errors: BadRequestException: a new table lacks a schema, a partition spec or a location.
  [[nodiscard]] Result<TableMetadata> finish(const std::optional<PreviousMetadata>& previous);
  [[nodiscard]] const std::vector<std::string>& dropped_metadata_files() const { return dropped_; }

 private:
  // One per action, by its name. table_update.cc
  Status assign_uuid(const Json& update);
  Status upgrade_format_version(const Json& update);
  Status add_schema(const Json& update);
  Status set_current_schema(const Json& update);
  Status add_spec(const Json& update);
  Status set_default_spec(const Json& update);
  Status add_sort_order(const Json& update);
  Status set_default_sort_order(const Json& update);
  Status set_location(const Json& update);
  Status set_properties(const Json& update);
  Status remove_properties(const Json& update);
  Status remove_partition_specs(const Json& update);
  Status remove_schemas(const Json& update);
  Status add_encryption_key(const Json& update);
  Status remove_encryption_key(const Json& update);
  Status upgrade_to(std::int64_t version);
  // snapshot_update.cc
  Status add_snapshot(const Json& update);
  Status check_row_ids(const Json& snapshot);
  Status set_snapshot_ref(const Json& update);
  Status set_main(std::int64_t snapshot_id);
  Status remove_snapshots(const Json& update);
  Status remove_snapshot_ref(const Json& update);
  Status set_statistics(const Json& update);
  Status remove_statistics(const Json& update);
  Status set_partition_statistics(const Json& update);
  Status remove_partition_statistics(const Json& update);
  void drop_ref(const std::string& name);
  void finish_snapshot_log();

  [[nodiscard]] Json& document() { return metadata_.document(); }
  // The list, made where it is missing.
  [[nodiscard]] Json& list(const char* name);
  void log_previous(const PreviousMetadata& previous);

  TableMetadata metadata_;
  bool creates_;
  Timestamp now_;
  std::optional<std::int64_t> last_added_schema_;
  std::optional<std::int64_t> last_added_spec_;
  std::optional<std::int64_t> last_added_order_;
  std::set<std::int64_t> added_snapshots_;
  std::set<std::int64_t> intermediate_snapshots_;  // added, made main, and replaced in one commit
  bool removed_snapshots_ = false;
  bool dated_ = false;  // last-updated-ms was taken from a snapshot or set
  std::vector<std::string> dropped_;
};

}  // namespace tarn::iceberg
