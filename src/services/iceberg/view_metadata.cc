#include "services/iceberg/view_metadata.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "services/iceberg/error.h"
#include "services/iceberg/table_metadata.h"

namespace tarn::iceberg {
namespace {

constexpr std::int64_t kLastAdded = -1;
// https://iceberg.apache.org/view-spec/: version.history.num-entries
constexpr std::int64_t kVersionsKept = 10;

class ViewUpdates {
 public:
  ViewUpdates(Json metadata, Timestamp now) : d_(std::move(metadata)), now_(now) {}

  Status apply(const Json& update) {
    TARN_TRY(const std::string action, text_at(update, "action"));
    if (action == "assign-uuid") return assign_uuid(update);
    if (action == "upgrade-format-version") return check_version(update);
    if (action == "add-schema") return add_schema(update);
    if (action == "set-location") {
      TARN_TRY(d_["location"], text_at(update, "location"));
      return {};
    }
    if (action == "set-properties") return set_properties(update);
    if (action == "remove-properties") return remove_properties(update);
    if (action == "add-view-version") return add_version(update);
    if (action == "set-current-view-version") return set_current(update);
    return bad_request(fmt::format("'{}' is no update of a view that tarn knows.", action));
  }

  Json finish() {
    const std::string text = text_or(d_["properties"], "version.history.num-entries", "");
    std::int64_t most = kVersionsKept;
    std::from_chars(text.data(), text.data() + text.size(), most);
    most = std::max<std::int64_t>(most, 1);
    const std::int64_t current = number_or(d_, "current-version-id", -1);
    Json& versions = d_["versions"];
    for (std::size_t i = 0; static_cast<std::int64_t>(versions.size()) > most;) {
      if (i >= versions.size()) break;
      if (number_or(versions[i], "version-id", -1) == current) {
        ++i;
      } else {
        versions.erase(i);
      }
    }
    Json log = Json::array();
    for (const auto& entry : d_["version-log"]) {
      if (find_by_id(versions, "version-id", number_or(entry, "version-id", -1)) != nullptr)
        log.push_back(entry);
    }
    d_["version-log"] = std::move(log);
    return std::move(d_);
  }

 private:
  Status assign_uuid(const Json& update) {
    TARN_TRY(const std::string uuid, text_at(update, "uuid"));
    if (uuid == text_or(d_, "view-uuid", uuid)) return {};
    return bad_request("The UUID of a view cannot be changed.");
  }

  static Status check_version(const Json& update) {
    TARN_TRY(const std::int64_t version, number_at(update, "format-version"));
    if (version == 1) return {};
    return bad_request(fmt::format("Format version {} of views is not known.", version));
  }

  Status add_schema(const Json& update) {
    TARN_TRY(const Json* given, object_at(update, "schema"));
    TARN_CHECK(array_at(*given, "fields"));
    for (const auto& each : d_["schemas"]) {
      if (!same(each, *given, "schema-id")) continue;
      last_schema_ = number_or(each, "schema-id", 0);
      return {};
    }
    last_schema_ = largest_id(d_["schemas"], "schema-id", -1) + 1;
    Json schema = *given;
    schema["schema-id"] = last_schema_;
    d_["schemas"].push_back(std::move(schema));
    return {};
  }

  Status set_properties(const Json& update) {
    TARN_TRY(const Json* given, object_at(update, "updates"));
    if (!is_text_map(*given)) return bad_request("'updates' must be texts.");
    for (const auto& [name, value] : given->items()) d_["properties"][name] = value;
    return {};
  }

  Status remove_properties(const Json& update) {
    TARN_TRY(const Json* given, array_at(update, "removals"));
    for (const auto& name : *given) {
      if (!name.is_string()) return bad_request("'removals' must be texts.");
      d_["properties"].erase(name.get<std::string>());
    }
    return {};
  }

  Status add_version(const Json& update) {
    TARN_TRY(const Json* given, object_at(update, "view-version"));
    TARN_CHECK(array_at(*given, "representations"));
    Json version = *given;
    const std::int64_t schema = number_or(version, "schema-id", kLastAdded);
    version["schema-id"] = schema == kLastAdded ? last_schema_ : schema;
    if (find_by_id(d_["schemas"], "schema-id", version["schema-id"].get<std::int64_t>()) == nullptr)
      return bad_request("The view version's schema is not among the view's.");
    if (find(version, "timestamp-ms") == nullptr) version["timestamp-ms"] = now_.ms;
    for (const auto& each : d_["versions"]) {
      Json same_time = version;
      same_time["timestamp-ms"] = each.value("timestamp-ms", std::int64_t{0});
      if (!same(each, same_time, "version-id")) continue;
      last_version_ = number_or(each, "version-id", 1);
      return {};
    }
    last_version_ = largest_id(d_["versions"], "version-id", 0) + 1;
    version["version-id"] = last_version_;
    d_["versions"].push_back(std::move(version));
    return {};
  }

  Status set_current(const Json& update) {
    TARN_TRY(std::int64_t id, number_at(update, "view-version-id"));
    if (id == kLastAdded) id = last_version_;
    const Json* version = find_by_id(d_["versions"], "version-id", id);
    if (version == nullptr) return bad_request(fmt::format("There is no view version {}.", id));
    if (id == number_or(d_, "current-version-id", -1)) return {};
    d_["current-version-id"] = id;
    Json entry;
    entry["version-id"] = id;
    entry["timestamp-ms"] = now_.ms;
    d_["version-log"].push_back(std::move(entry));
    return {};
  }

  Json d_;
  Timestamp now_;
  std::int64_t last_schema_ = -1;
  std::int64_t last_version_ = -1;
};

Json update_of(const char* action, const char* member, Json value) {
  Json out;
  out["action"] = action;
  out[member] = std::move(value);
  return out;
}

}  // namespace

Result<Json> make_view(NewView view, Timestamp now) {
  Json d;
  d["view-uuid"] = view.uuid;
  d["format-version"] = 1;
  d["location"] = view.location;
  d["schemas"] = Json::array();
  d["current-version-id"] = -1;
  d["versions"] = Json::array();
  d["version-log"] = Json::array();
  d["properties"] = Json::object();
  if (!view.version.is_object()) return bad_request("'view-version' must be given.");
  // The one schema that is given is the version's.
  view.version["schema-id"] = kLastAdded;
  Json updates = Json::array();
  updates.push_back(update_of("add-schema", "schema", std::move(view.schema)));
  updates.push_back(update_of("add-view-version", "view-version", std::move(view.version)));
  updates.push_back(update_of("set-current-view-version", "view-version-id", kLastAdded));
  if (!view.properties.is_null())
    updates.push_back(update_of("set-properties", "updates", std::move(view.properties)));
  return update_view(std::move(d), updates, now);
}

Result<Json> parse_view(std::string_view text) {
  Json document = wire::parse_ordered_json(text);
  if (!document.is_object()) return bad_request("The view's metadata file is no JSON object.");
  TARN_TRY(const std::int64_t version, number_at(document, "format-version"));
  if (version != 1)
    return bad_request(fmt::format("Format version {} of views is not known.", version));
  TARN_CHECK(text_at(document, "view-uuid"));
  TARN_CHECK(text_at(document, "location"));
  TARN_CHECK(number_at(document, "current-version-id"));
  for (const char* list : {"schemas", "versions", "version-log"})
    TARN_CHECK(array_at(document, list));
  if (find(document, "properties") == nullptr) document["properties"] = Json::object();
  return document;
}

Result<Json> update_view(Json metadata, const Json& updates, Timestamp now) {
  ViewUpdates changes(std::move(metadata), now);
  for (const auto& update : updates) TARN_CHECK(changes.apply(update));
  return changes.finish();
}

Status check_view_requirement(const Json& requirement, const Json& metadata) {
  TARN_TRY(const std::string type, text_at(requirement, "type"));
  if (type != "assert-view-uuid")
    return bad_request(fmt::format("'{}' is no requirement of a view that tarn knows.", type));
  TARN_TRY(const std::string uuid, text_at(requirement, "uuid"));
  if (uuid == text_or(metadata, "view-uuid", "")) return {};
  return commit_failed("Requirement failed: view UUID does not match");
}

}  // namespace tarn::iceberg
