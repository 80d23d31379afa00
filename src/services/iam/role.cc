#include "services/iam/role.h"

#include <nlohmann/json.hpp>

namespace tarn::iam {
namespace {

using nlohmann::json;

// First byte of every value: the version of docs/formats/iam.md. JSON follows.
constexpr char kRoleVersion = '1';

std::string versioned_role(const json& value) {
  return kRoleVersion + value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<json> parse_role_record(std::string_view record, std::string_view what) {
  if (!record.empty() && record.front() == kRoleVersion) {
    json value = json::parse(record.substr(1), nullptr, false);
    if (value.is_object()) return value;
  }
  return Error(code::kCorrupt, "the stored record of an IAM " + std::string(what) + " is damaged");
}

}  // namespace

std::string encode(const RoleRecord& role) {
  return versioned_role({{"account", role.account},
                         {"name", role.name},
                         {"path", role.path},
                         {"id", role.id},
                         {"description", role.description},
                         {"created", role.created.ms},
                         {"max_session_s", role.max_session_s},
                         {"tags", role.tags},
                         {"trust", role.trust},
                         {"inline", role.inline_policies},
                         {"attached", role.attached}});
}

std::string encode(const InstanceProfileRecord& profile) {
  return versioned_role({{"account", profile.account},
                         {"name", profile.name},
                         {"path", profile.path},
                         {"id", profile.id},
                         {"created", profile.created.ms},
                         {"role", profile.role},
                         {"tags", profile.tags}});
}

Result<RoleRecord> decode_role(std::string_view record) {
  TARN_TRY(const json value, parse_role_record(record, "role"));
  RoleRecord out;
  out.account = value.value("account", "");
  out.name = value.value("name", "");
  out.path = value.value("path", "/");
  out.id = value.value("id", "");
  out.description = value.value("description", "");
  out.created.ms = value.value("created", std::int64_t{0});
  out.max_session_s = value.value("max_session_s", out.max_session_s);
  out.tags = value.value("tags", std::map<std::string, std::string>());
  out.trust = value.value("trust", "");
  out.inline_policies = value.value("inline", std::map<std::string, std::string>());
  out.attached = value.value("attached", std::vector<std::string>());
  return out;
}

Result<InstanceProfileRecord> decode_instance_profile(std::string_view record) {
  TARN_TRY(const json value, parse_role_record(record, "instance profile"));
  InstanceProfileRecord out;
  out.account = value.value("account", "");
  out.name = value.value("name", "");
  out.path = value.value("path", "/");
  out.id = value.value("id", "");
  out.created.ms = value.value("created", std::int64_t{0});
  out.role = value.value("role", "");
  out.tags = value.value("tags", std::map<std::string, std::string>());
  return out;
}

}  // namespace tarn::iam
