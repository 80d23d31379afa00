#include "services/iam/own_policy.h"

#include <nlohmann/json.hpp>

namespace tarn::iam {
namespace {

using nlohmann::json;

constexpr char kPolicyVersion = '1';

}  // namespace

std::string encode(const OwnPolicyRecord& policy) {
  json versions = json::array();
  for (const auto& [number, version] : policy.versions) {
    versions.push_back(
        {{"number", number}, {"text", version.text}, {"created", version.created.ms}});
  }
  const json value = {{"account", policy.account},
                      {"name", policy.name},
                      {"path", policy.path},
                      {"id", policy.id},
                      {"description", policy.description},
                      {"created", policy.created.ms},
                      {"updated", policy.updated.ms},
                      {"tags", policy.tags},
                      {"versions", versions},
                      {"default", policy.default_version},
                      {"next", policy.next_version}};
  return kPolicyVersion + value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<OwnPolicyRecord> decode_own_policy(std::string_view record) {
  const bool known = !record.empty() && record.front() == kPolicyVersion;
  const json value = known ? json::parse(record.substr(1), nullptr, false) : json();
  if (!value.is_object())
    return Error(code::kCorrupt, "the stored record of an IAM policy is damaged");
  OwnPolicyRecord out;
  out.account = value.value("account", "");
  out.name = value.value("name", "");
  out.path = value.value("path", "/");
  out.id = value.value("id", "");
  out.description = value.value("description", "");
  out.created.ms = value.value("created", std::int64_t{0});
  out.updated.ms = value.value("updated", std::int64_t{0});
  out.tags = value.value("tags", std::map<std::string, std::string>());
  out.default_version = value.value("default", 1);
  out.next_version = value.value("next", 1);
  for (const json& each : value.value("versions", json::array())) {
    out.versions[each.value("number", 0)] = {each.value("text", ""),
                                             {each.value("created", std::int64_t{0})}};
  }
  return out;
}

}  // namespace tarn::iam
