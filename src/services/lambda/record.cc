#include "services/lambda/record.h"

#include "wire/stored_json.h"

namespace tarn::lambda {
namespace {

using nlohmann::json;

// First byte of every value: the version of docs/formats/lambda.md. JSON follows.
constexpr char kRecordVersion = '1';

json to_json(const Version& version) {
  return {{"name", version.name},
          {"description", version.description},
          {"runtime", version.runtime},
          {"handler", version.handler},
          {"role", version.role},
          {"timeout_s", version.timeout_s},
          {"memory_mb", version.memory_mb},
          {"storage_mb", version.storage_mb},
          {"environment", version.environment},
          {"kms_key_arn", version.kms_key_arn},
          {"tracing", version.tracing},
          {"architecture", version.architecture},
          {"log_group", version.log_group},
          {"log_format", version.log_format},
          {"code_sha256", version.code.sha256},
          {"code_size", version.code.size},
          {"modified", version.modified.ms},
          {"revision", version.revision}};
}

Version version_of(const json& value) {
  Version out;
  out.name = value.value("name", out.name);
  out.description = value.value("description", "");
  out.runtime = value.value("runtime", "");
  out.handler = value.value("handler", "");
  out.role = value.value("role", "");
  out.timeout_s = value.value("timeout_s", out.timeout_s);
  out.memory_mb = value.value("memory_mb", out.memory_mb);
  out.storage_mb = value.value("storage_mb", out.storage_mb);
  out.environment = value.value("environment", out.environment);
  out.kms_key_arn = value.value("kms_key_arn", "");
  out.tracing = value.value("tracing", out.tracing);
  out.architecture = value.value("architecture", out.architecture);
  out.log_group = value.value("log_group", "");
  out.log_format = value.value("log_format", out.log_format);
  out.code.sha256 = value.value("code_sha256", "");
  out.code.size = value.value("code_size", std::uint64_t{0});
  out.modified.ms = value.value("modified", std::int64_t{0});
  out.revision = value.value("revision", "");
  return out;
}

}  // namespace

std::string record_key(const FunctionRecord& function) {
  return std::string(kFunctionPrefix) + function.region + "/" + function.name;
}

std::string record_key(const QueuedEvent& event) {
  return std::string(kEventPrefix) + event.id;
}

std::string encode(const FunctionRecord& function) {
  json versions = json::array();
  for (const auto& [number, version] : function.versions) {
    json entry = to_json(version);
    entry["number"] = number;
    versions.push_back(std::move(entry));
  }
  json aliases = json::array();
  for (const auto& [name, alias] : function.aliases) {
    aliases.push_back({{"name", name},
                       {"version", alias.version},
                       {"description", alias.description},
                       {"revision", alias.revision}});
  }
  json value = {{"name", function.name},           {"account", function.account},
                {"region", function.region},       {"latest", to_json(function.latest)},
                {"versions", std::move(versions)}, {"next_version", function.next_version},
                {"aliases", std::move(aliases)},   {"tags", function.tags},
                {"policy", function.policy},       {"policy_revision", function.policy_revision}};
  if (function.reserved_concurrency) value["reserved"] = *function.reserved_concurrency;
  return wire::to_record(kRecordVersion, value);
}

Result<FunctionRecord> decode_function(std::string_view record) {
  TARN_TRY(const json value, wire::from_record(kRecordVersion, record, "a Lambda function"));
  FunctionRecord out;
  out.name = value.value("name", "");
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.latest = version_of(value.value("latest", json::object()));
  for (const json& entry : value.value("versions", json::array()))
    out.versions.emplace(entry.value("number", 0), version_of(entry));
  out.next_version = value.value("next_version", 1);
  for (const json& entry : value.value("aliases", json::array())) {
    Alias alias{entry.value("name", ""), entry.value("version", ""), entry.value("description", ""),
                entry.value("revision", "")};
    std::string name = alias.name;
    out.aliases.emplace(std::move(name), std::move(alias));
  }
  out.tags = value.value("tags", out.tags);
  if (value.contains("reserved")) out.reserved_concurrency = value["reserved"].get<int>();
  out.policy = value.value("policy", "");
  out.policy_revision = value.value("policy_revision", "");
  return out;
}

std::string encode(const QueuedEvent& event) {
  return wire::to_record(kRecordVersion, {{"id", event.id},
                                          {"account", event.account},
                                          {"region", event.region},
                                          {"function", event.function},
                                          {"qualifier", event.qualifier},
                                          {"payload", event.payload},
                                          {"client_context", event.client_context},
                                          {"attempts", event.attempts},
                                          {"queued", event.queued.ms},
                                          {"due", event.due.ms}});
}

Result<QueuedEvent> decode_event(std::string_view record) {
  TARN_TRY(const json value, wire::from_record(kRecordVersion, record, "a Lambda event"));
  QueuedEvent out;
  out.id = value.value("id", "");
  out.account = value.value("account", "");
  out.region = value.value("region", "");
  out.function = value.value("function", "");
  out.qualifier = value.value("qualifier", "");
  out.payload = value.value("payload", "");
  out.client_context = value.value("client_context", "");
  out.attempts = value.value("attempts", 0);
  out.queued.ms = value.value("queued", std::int64_t{0});
  out.due.ms = value.value("due", std::int64_t{0});
  return out;
}

}  // namespace tarn::lambda
