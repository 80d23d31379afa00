// MaintenancePolicy: what a table's properties ask of automatic maintenance.
//
// Place: services/iceberg. Threads: pure functions. The properties are described in
// docs/formats/iceberg.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "services/iceberg/table_metadata.h"

namespace tarn::iceberg {

struct MaintenancePolicy {
  bool enabled = false;                         // tarn.maintenance.enabled
  std::chrono::milliseconds interval{3600000};  // tarn.maintenance.interval-ms: between two runs
  bool compaction = true;                       // tarn.maintenance.compaction.enabled
  // tarn.maintenance.compaction.target-file-size-bytes, else write.target-file-size-bytes, at most
  // kLargestTarget: the worker holds the rows of one file in memory.
  std::int64_t target_file_size_bytes = std::int64_t{128} << 20;
  std::int64_t min_input_files = 5;  // tarn.maintenance.compaction.min-input-files
  bool expire_snapshots = true;      // tarn.maintenance.expire-snapshots.enabled
  bool orphan_removal = true;        // tarn.maintenance.orphan-removal.enabled
  // tarn.maintenance.orphan-removal.older-than-ms: three days, as Spark's remove_orphan_files
  // (https://iceberg.apache.org/docs/latest/spark-procedures/#remove_orphan_files).
  std::int64_t older_than_ms = std::int64_t{3} * 24 * 3600 * 1000;

  static constexpr std::int64_t kLargestTarget = std::int64_t{128} << 20;

  // Error: kInvalid, by the property whose value is none.
  [[nodiscard]] static Result<MaintenancePolicy> of(const TableMetadata& metadata);

  // "compaction", "expire-snapshots", "orphan-removal": those that are wanted, in this order.
  [[nodiscard]] std::vector<std::string> steps() const;
};

}  // namespace tarn::iceberg
