#include "services/cloudformation/dynamic_references.h"

#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kOpening = "{{resolve:";
constexpr std::string_view kClosing = "}}";
constexpr int kColonsInArn = 6;  // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME

tarn::Error invalid_reference(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

std::string part(const std::vector<std::string>& parts, std::size_t index) {
  return index < parts.size() ? parts[index] : std::string();
}

bool has_reference(const Json& value) {
  if (value.is_string())
    return value.get_ref<const std::string&>().find(kOpening) != std::string::npos;
  if (!value.is_structured()) return false;
  for (const Json& each : value) {
    if (has_reference(each)) return true;
  }
  return false;
}

Task<Result<std::string>> read_parameter(const gateway::InProcess& calls, Caller caller,
                                         std::vector<std::string> parts) {
  const std::string version = part(parts, 2);
  const bool is_secure = parts[0] == "ssm-secure";
  Json input = {{"Name", part(parts, 1) + (version.empty() ? "" : ":" + version)},
                {"WithDecryption", is_secure}};
  const std::string action = "ssm:GetParameter";
  TARN_CO_TRY(const Json answer, co_await calls.call(action, std::move(caller), std::move(input)));
  const Json& found = answer["Parameter"];
  if (!is_secure && found.value("Type", "") == "SecureString") {
    co_return invalid_reference(fmt::format(
        "{} is a SecureString: refer to it by {{{{resolve:ssm-secure:…}}}}", part(parts, 1)));
  }
  co_return found.value("Value", "");
}

// secretsmanager:SECRET[:SecretString[:KEY[:STAGE[:VERSION]]]]
Task<Result<std::string>> read_secret(const gateway::InProcess& calls, Caller caller,
                                      std::vector<std::string> parts) {
  const std::string kind = part(parts, 2);
  if (!kind.empty() && kind != "SecretString")
    co_return invalid_reference(fmt::format("{} is not SecretString", kind));
  Json input = {{"SecretId", part(parts, 1)}};
  if (const std::string stage = part(parts, 4); !stage.empty()) input["VersionStage"] = stage;
  if (const std::string version = part(parts, 5); !version.empty()) input["VersionId"] = version;
  const std::string action = "secretsmanager:GetSecretValue";
  TARN_CO_TRY(const Json answer, co_await calls.call(action, std::move(caller), std::move(input)));
  const std::string text = answer.value("SecretString", "");
  const std::string key = part(parts, 3);
  if (key.empty()) co_return text;
  const Json members = wire::parse_json(text);
  const auto found = members.is_object() ? members.find(key) : members.end();
  if (!members.is_object() || found == members.end())
    co_return invalid_reference(fmt::format("the secret has no key {}", key));
  co_return found->is_string() ? found->get<std::string>() : found->dump();
}

Task<Result<std::string>> read_reference(const gateway::InProcess& calls, Caller caller,
                                         std::string inside) {
  std::vector<std::string> parts = parts_of_reference(inside);
  const std::string service = part(parts, 0);
  auto value =
      Result<std::string>(invalid_reference("the service is ssm, ssm-secure or secretsmanager"));
  if (service == "ssm" || service == "ssm-secure") {
    value = co_await read_parameter(calls, std::move(caller), std::move(parts));
  } else if (service == "secretsmanager") {
    value = co_await read_secret(calls, std::move(caller), std::move(parts));
  }
  if (value.ok()) co_return value;
  co_return invalid_reference(
      fmt::format("Could not resolve {{{{resolve:{}}}}}: {}", inside, value.error().message));
}

Task<Result<std::string>> resolve_text(const gateway::InProcess& calls, const Caller& caller,
                                       std::string text) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t begin = text.find(kOpening, at);
    const std::size_t end =
        begin == std::string::npos ? begin : text.find(kClosing, begin + kOpening.size());
    if (end == std::string::npos) co_return out.append(text, at);
    out.append(text, at, begin - at);
    const std::size_t inside = begin + kOpening.size();
    TARN_CO_TRY(const std::string value,
                co_await read_reference(calls, caller, text.substr(inside, end - inside)));
    out += value;
    at = end + kClosing.size();
  }
}

}  // namespace

std::vector<std::string> parts_of_reference(std::string_view inside) {
  std::vector<std::string> out;
  for (;;) {
    std::size_t colon = inside.find(':');
    if (inside.starts_with("arn:")) {
      for (int i = 0; i < kColonsInArn && colon != std::string_view::npos; ++i)
        colon = inside.find(':', colon + 1);
    }
    out.emplace_back(inside.substr(0, colon));
    if (colon == std::string_view::npos) return out;
    inside.remove_prefix(colon + 1);
  }
}

Task<Result<Json>> resolve_references(const gateway::InProcess& calls, Caller caller,
                                      Json properties) {
  if (!has_reference(properties)) co_return properties;
  if (properties.is_string()) {
    TARN_CO_TRY(std::string text,
                co_await resolve_text(calls, caller, properties.get<std::string>()));
    co_return Json(std::move(text));
  }
  for (Json& each : properties) {
    Json below = std::move(each);
    TARN_CO_TRY(each, co_await resolve_references(calls, caller, std::move(below)));
  }
  co_return properties;
}

}  // namespace tarn::cloudformation
