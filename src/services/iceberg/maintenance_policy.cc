#include "services/iceberg/maintenance_policy.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kPrefix = "tarn.maintenance.";

Status read(const TableMetadata& metadata, std::string_view name, bool& out) {
  const std::string text = metadata.property(fmt::format("{}{}", kPrefix, name));
  if (text.empty()) return {};
  out = wire::equals_ignoring_case(text, "true");
  if (out || wire::equals_ignoring_case(text, "false")) return {};
  return Error(code::kInvalid,
               fmt::format("{}{} is 'true' or 'false', not '{}'.", kPrefix, name, text));
}

Result<std::int64_t> number(const std::string& name, const std::string& text) {
  std::int64_t out = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failure == std::errc() && end == text.data() + text.size() && out >= 0) return out;
  return Error(code::kInvalid, fmt::format("{} is a number from 0, not '{}'.", name, text));
}

Status read(const TableMetadata& metadata, std::string_view name, std::int64_t& out) {
  const std::string property = fmt::format("{}{}", kPrefix, name);
  const std::string text = metadata.property(property);
  if (text.empty()) return {};
  TARN_TRY(out, number(property, text));
  return {};
}

}  // namespace

Result<MaintenancePolicy> MaintenancePolicy::of(const TableMetadata& metadata) {
  MaintenancePolicy out;
  TARN_CHECK(read(metadata, "enabled", out.enabled));
  std::int64_t interval = out.interval.count();
  TARN_CHECK(read(metadata, "interval-ms", interval));
  out.interval = std::chrono::milliseconds(interval);
  TARN_CHECK(read(metadata, "compaction.enabled", out.compaction));
  constexpr const char* kWriteTarget = "write.target-file-size-bytes";
  if (const std::string text = metadata.property(kWriteTarget); !text.empty()) {
    TARN_TRY(out.target_file_size_bytes, number(kWriteTarget, text));
  }
  TARN_CHECK(read(metadata, "compaction.target-file-size-bytes", out.target_file_size_bytes));
  out.target_file_size_bytes =
      std::clamp<std::int64_t>(out.target_file_size_bytes, 1, kLargestTarget);
  TARN_CHECK(read(metadata, "compaction.min-input-files", out.min_input_files));
  // One file alone gains nothing by being written again.
  out.min_input_files = std::max<std::int64_t>(out.min_input_files, 2);
  TARN_CHECK(read(metadata, "expire-snapshots.enabled", out.expire_snapshots));
  TARN_CHECK(read(metadata, "orphan-removal.enabled", out.orphan_removal));
  TARN_CHECK(read(metadata, "orphan-removal.older-than-ms", out.older_than_ms));
  return out;
}

std::vector<std::string> MaintenancePolicy::steps() const {
  std::vector<std::string> out;
  if (compaction) out.emplace_back("compaction");
  if (expire_snapshots) out.emplace_back("expire-snapshots");
  if (orphan_removal) out.emplace_back("orphan-removal");
  return out;
}

}  // namespace tarn::iceberg
