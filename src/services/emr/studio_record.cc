#include "services/emr/studio_record.h"

#include "services/emr/record_parts.h"

namespace tarn::emr {
namespace {

using nlohmann::json;

using Tags = std::map<std::string, std::string>;

json mappings_json(const StudioRecord& studio) {
  json out = json::array();
  for (const StudioMapping& each : studio.mappings) {
    out.push_back({{"identity_type", each.identity_type},
                   {"identity_id", each.identity_id},
                   {"identity_name", each.identity_name},
                   {"policy", each.policy_arn},
                   {"created", each.created.ms},
                   {"modified", each.modified.ms}});
  }
  return out;
}

std::vector<StudioMapping> read_mappings(const json& value) {
  std::vector<StudioMapping> out;
  for (const json& each : value.value("mappings", json::array())) {
    StudioMapping& mapping = out.emplace_back();
    mapping.identity_type = each.value("identity_type", "");
    mapping.identity_id = each.value("identity_id", "");
    mapping.identity_name = each.value("identity_name", "");
    mapping.policy_arn = each.value("policy", "");
    mapping.created.ms = each.value("created", std::int64_t{0});
    mapping.modified.ms = each.value("modified", std::int64_t{0});
  }
  return out;
}

}  // namespace

std::string studio_key(std::string_view id) {
  return fmt::format("{}{}", kStudioPrefix, id);
}

std::string ui_key(std::string_view id) {
  return fmt::format("{}{}", kUiPrefix, id);
}

std::string encode(const StudioRecord& studio) {
  return versioned({{"id", studio.id},
                    {"account", studio.account},
                    {"region", studio.region},
                    {"request", shape_json(studio.request)},
                    {"tags", studio.tags},
                    {"created", studio.created.ms},
                    {"mappings", mappings_json(studio)}});
}

Result<StudioRecord> decode_studio(std::string_view record) {
  TARN_TRY(const json value, parse_record(record, "Studio"));
  StudioRecord out;
  TARN_CHECK(read_shape(value, "request", out.request));
  out.id = value.value("id", "");
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.tags = value.value("tags", Tags());
  out.created.ms = value.value("created", std::int64_t{0});
  out.mappings = read_mappings(value);
  return out;
}

std::string encode(const PersistentUiRecord& ui) {
  return versioned({{"id", ui.id},
                    {"cluster", ui.cluster},
                    {"account", ui.account},
                    {"region", ui.region},
                    {"author", ui.author},
                    {"address", ui.address},
                    {"created", ui.created.ms},
                    {"tags", ui.tags}});
}

Result<PersistentUiRecord> decode_ui(std::string_view record) {
  TARN_TRY(const json value, parse_record(record, "persistent UI"));
  PersistentUiRecord out;
  out.id = value.value("id", "");
  out.cluster = value.value("cluster", "");
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.author = value.value("author", "");
  out.address = value.value("address", "");
  out.created.ms = value.value("created", std::int64_t{0});
  out.tags = value.value("tags", Tags());
  return out;
}

}  // namespace tarn::emr
