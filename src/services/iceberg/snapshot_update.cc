// Updates of a table's snapshots, branches, tags and statistics.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/error.h"
#include "services/iceberg/table_update.h"

namespace tarn::iceberg {
namespace {

Json without(const Json& list, const char* id, const std::set<std::int64_t>& ids) {
  Json out = Json::array();
  for (const auto& each : list) {
    if (!ids.contains(number_or(each, id, -1))) out.push_back(each);
  }
  return out;
}

}  // namespace

// Version 3 numbers rows: a snapshot's begin where those before it end
// (https://iceberg.apache.org/spec/#row-lineage).
Status TableUpdates::check_row_ids(const Json& snapshot) {
  const Json* first = find(snapshot, "first-row-id");
  if (first == nullptr || !first->is_number_integer())
    return bad_request("A snapshot of format version 3 must have a first-row-id.");
  const std::int64_t next = metadata_.number("next-row-id", 0);
  if (first->get<std::int64_t>() < next) {
    return bad_request(
        fmt::format("The snapshot's first-row-id {} is below the table's next-row-id {}.",
                    first->get<std::int64_t>(), next));
  }
  document()["next-row-id"] =
      std::max(next, first->get<std::int64_t>() + number_or(snapshot, "added-rows", 0));
  return {};
}

Status TableUpdates::add_snapshot(const Json& update) {
  TARN_TRY(const Json* snapshot, object_at(update, "snapshot"));
  TARN_TRY(const std::int64_t id, number_at(*snapshot, "snapshot-id"));
  TARN_TRY(const std::int64_t timestamp, number_at(*snapshot, "timestamp-ms"));
  if (metadata_.snapshot(id) != nullptr)
    return bad_request(fmt::format("There is a snapshot {} already.", id));
  if (list("schemas").empty() || list("partition-specs").empty())
    return bad_request("A snapshot needs a schema and a partition spec.");
  if (metadata_.format_version() > 1) {
    const std::int64_t sequence = number_or(*snapshot, "sequence-number", 0);
    const std::int64_t last = metadata_.number("last-sequence-number", 0);
    if (sequence <= last && find(*snapshot, "parent-snapshot-id") != nullptr) {
      return bad_request(
          fmt::format("The snapshot's sequence-number {} does not follow the table's last, {}.",
                      sequence, last));
    }
    document()["last-sequence-number"] = std::max(last, sequence);
  }
  if (metadata_.format_version() >= 3) TARN_CHECK(check_row_ids(*snapshot));
  list("snapshots").push_back(*snapshot);
  document()["last-updated-ms"] = timestamp;
  dated_ = true;
  added_snapshots_.insert(id);
  return {};
}

Status TableUpdates::set_snapshot_ref(const Json& update) {
  TARN_TRY(const std::string name, text_at(update, "ref-name"));
  TARN_TRY(const std::string type, text_at(update, "type"));
  TARN_TRY(const std::int64_t id, number_at(update, "snapshot-id"));
  if (type != "branch" && type != "tag")
    return bad_request(fmt::format("'{}' is neither branch nor tag.", type));
  if (name == kMainBranch && type != "branch") return bad_request("main must be a branch.");
  const Json* snapshot = metadata_.snapshot(id);
  if (snapshot == nullptr)
    return bad_request(fmt::format("There is no snapshot {} for the ref {}.", id, name));
  Json ref;
  ref["snapshot-id"] = id;
  ref["type"] = type;
  for (const char* setting : {"min-snapshots-to-keep", "max-snapshot-age-ms", "max-ref-age-ms"}) {
    if (const Json* given = find(update, setting)) ref[setting] = *given;
  }
  Json& refs = document()["refs"];
  if (const Json* before = find(refs, name); before != nullptr && same(*before, ref)) return {};
  refs[name] = std::move(ref);
  if (added_snapshots_.contains(id)) {
    document()["last-updated-ms"] = (*snapshot)["timestamp-ms"];
    dated_ = true;
  }
  return name == kMainBranch ? set_main(id) : Status();
}

Status TableUpdates::set_main(std::int64_t snapshot_id) {
  const std::int64_t before = metadata_.number("current-snapshot-id", -1);
  if (before != snapshot_id && added_snapshots_.contains(before))
    intermediate_snapshots_.insert(before);
  document()["current-snapshot-id"] = snapshot_id;
  if (!dated_) {
    document()["last-updated-ms"] = now_.ms;
    dated_ = true;
  }
  Json entry;
  entry["timestamp-ms"] = document()["last-updated-ms"];
  entry["snapshot-id"] = snapshot_id;
  list("snapshot-log").push_back(std::move(entry));
  return {};
}

Status TableUpdates::remove_snapshots(const Json& update) {
  TARN_TRY(const Json* given, array_at(update, "snapshot-ids"));
  std::set<std::int64_t> ids;
  for (const auto& id : *given) {
    if (!id.is_number_integer()) return bad_request("'snapshot-ids' must be whole numbers.");
    if (metadata_.snapshot(id.get<std::int64_t>()) != nullptr) ids.insert(id.get<std::int64_t>());
  }
  if (ids.empty()) return {};
  Json& d = document();
  d["snapshots"] = without(list("snapshots"), "snapshot-id", ids);
  for (const char* files : {"statistics", "partition-statistics"}) {
    if (find(d, files) != nullptr) d[files] = without(d[files], "snapshot-id", ids);
  }
  std::vector<std::string> dangling;
  for (const auto& [name, ref] : d["refs"].items()) {
    if (ids.contains(number_or(ref, "snapshot-id", -1))) dangling.push_back(name);
  }
  for (const auto& name : dangling) drop_ref(name);
  removed_snapshots_ = true;
  return {};
}

Status TableUpdates::remove_snapshot_ref(const Json& update) {
  TARN_TRY(const std::string name, text_at(update, "ref-name"));
  drop_ref(name);
  return {};
}

void TableUpdates::drop_ref(const std::string& name) {
  Json& d = document();
  if (name == kMainBranch) {
    // -1 is how versions 1 and 2 say that there is none; version 3 leaves it out.
    if (metadata_.format_version() >= 3) {
      d.erase("current-snapshot-id");
    } else {
      d["current-snapshot-id"] = -1;
    }
    d["snapshot-log"] = Json::array();
  }
  d["refs"].erase(name);
}

Status TableUpdates::set_statistics(const Json& update) {
  TARN_TRY(const Json* file, object_at(update, "statistics"));
  TARN_TRY(const std::int64_t id, number_at(*file, "snapshot-id"));
  Json kept = without(list("statistics"), "snapshot-id", {id});
  kept.push_back(*file);
  document()["statistics"] = std::move(kept);
  return {};
}

Status TableUpdates::remove_statistics(const Json& update) {
  TARN_TRY(const std::int64_t id, number_at(update, "snapshot-id"));
  document()["statistics"] = without(list("statistics"), "snapshot-id", {id});
  return {};
}

Status TableUpdates::set_partition_statistics(const Json& update) {
  TARN_TRY(const Json* file, object_at(update, "partition-statistics"));
  TARN_TRY(const std::int64_t id, number_at(*file, "snapshot-id"));
  Json kept = without(list("partition-statistics"), "snapshot-id", {id});
  kept.push_back(*file);
  document()["partition-statistics"] = std::move(kept);
  return {};
}

Status TableUpdates::remove_partition_statistics(const Json& update) {
  TARN_TRY(const std::int64_t id, number_at(update, "snapshot-id"));
  document()["partition-statistics"] = without(list("partition-statistics"), "snapshot-id", {id});
  return {};
}

// What was current only within this commit is not history; history before a gap is none
// (https://iceberg.apache.org/spec/#table-metadata-fields, snapshot-log).
void TableUpdates::finish_snapshot_log() {
  if (intermediate_snapshots_.empty() && !removed_snapshots_) return;
  const std::int64_t current = metadata_.number("current-snapshot-id", -1);
  intermediate_snapshots_.erase(current);
  Json kept = Json::array();
  for (const auto& entry : list("snapshot-log")) {
    const std::int64_t id = number_or(entry, "snapshot-id", -1);
    if (metadata_.snapshot(id) == nullptr) {
      if (removed_snapshots_) kept = Json::array();
    } else if (!intermediate_snapshots_.contains(id)) {
      kept.push_back(entry);
    }
  }
  document()["snapshot-log"] = std::move(kept);
}

}  // namespace tarn::iceberg
