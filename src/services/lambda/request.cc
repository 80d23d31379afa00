#include "services/lambda/request.h"

#include <charconv>

#include <fmt/format.h>

#include "wire/dates.h"
#include "wire/encoding.h"

namespace tarn::lambda {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t colon = text.find(':');
    out.emplace_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return out;
    text.remove_prefix(colon + 1);
  }
}

// "2026-11-28T12:00:00.000+0000", as Lambda writes times.
std::string time_text(Timestamp time) {
  std::string out = wire::to_iso8601(time, true);
  if (out.ends_with('Z')) out.replace(out.size() - 1, 1, "+0000");
  return out;
}

std::string sha256_text(const Code& code) {
  return wire::to_base64(wire::from_hex(code.sha256).value_or(""));
}

}  // namespace

Error invalid(std::string message) {
  return {"InvalidParameterValueException", std::move(message), 400};
}

Status refuse(bool given, std::string_view parameter) {
  if (!given) return {};
  return Error("NotImplemented",
               fmt::format("{} is not implemented by this version of tarn: leave it out (see "
                           "docs/compatibility/lambda.md).",
                           parameter));
}

// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
Result<FunctionName> parse_name(const Caller& caller, const std::string& given,
                                const std::optional<std::string>& qualifier) {
  std::vector<std::string> parts = split(given);
  if (given.starts_with("arn:")) {
    if (parts.size() < 7 || parts[2] != "lambda" || parts[5] != "function")
      return invalid(fmt::format("{} is not the ARN of a Lambda function.", given));
    if (parts[3] != caller.region || parts[4] != caller.account_id) {
      return invalid(fmt::format("{} is not of this account and Region ({}, {}).", given,
                                 caller.account_id, caller.region));
    }
    parts.erase(parts.begin(), parts.begin() + 6);
  } else if (parts.size() >= 3 && parts[1] == "function") {
    parts.erase(parts.begin(), parts.begin() + 2);
  } else if (parts.size() >= 2 && parts[0] == "function") {
    parts.erase(parts.begin());
  }
  if (parts.size() > 2) return invalid(fmt::format("{} is not the name of a function.", given));
  FunctionName out{parts[0], parts.size() == 2 ? parts[1] : ""};
  if (!qualifier || qualifier->empty()) return out;
  if (!out.qualifier.empty() && out.qualifier != *qualifier) {
    return invalid(
        "The derived qualifier from the function name does not match the specified qualifier.");
  }
  out.qualifier = *qualifier;
  return out;
}

Result<Functions::Entry> find_function(Lambda& lambda, const Caller& caller,
                                       const std::string& given) {
  TARN_TRY(const FunctionName name, parse_name(caller, given));
  Functions::Entry found = lambda.functions.find(caller.region, name.name);
  if (found != nullptr) return found;
  return function_not_found(
      fmt::format("arn:aws:lambda:{}:{}:function:{}", caller.region, caller.account_id, name.name));
}

Result<Target> find_called(Lambda& lambda, const Caller& caller, const std::string& given,
                           const std::optional<std::string>& qualifier) {
  TARN_TRY(const FunctionName name, parse_name(caller, given, qualifier));
  TARN_TRY(const Functions::Entry function, find_function(lambda, caller, name.name));
  return find_target(function, name.qualifier);
}

Status check_revision(const std::optional<std::string>& wanted, const std::string& revision) {
  if (!wanted || *wanted == revision) return {};
  return Error("PreconditionFailedException",
               fmt::format("The RevisionId provided does not match the latest RevisionId, {}. Call "
                           "GetFunction or GetAlias to read it anew.",
                           revision),
               412);
}

FunctionConfiguration describe(const FunctionRecord& function, const Version& version) {
  FunctionConfiguration out;
  out.function_name = function.name;
  out.function_arn = function.arn();
  if (version.name != kLatest) *out.function_arn += ":" + version.name;
  out.runtime = version.runtime;
  out.role = version.role;
  out.handler = version.handler;
  out.code_size = static_cast<std::int64_t>(version.code.size);
  out.description = version.description;
  out.timeout = version.timeout_s;
  out.memory_size = version.memory_mb;
  out.last_modified = time_text(version.modified);
  out.code_sha256 = sha256_text(version.code);
  out.version = version.name;
  if (!version.environment.empty()) out.environment.emplace().variables = version.environment;
  if (!version.kms_key_arn.empty()) out.kms_key_arn = version.kms_key_arn;
  out.tracing_config.emplace().mode = version.tracing;
  out.revision_id = version.revision;
  out.state = "Active";
  out.last_update_status = "Successful";
  out.package_type = "Zip";
  out.architectures = std::vector<std::string>{version.architecture};
  out.ephemeral_storage.emplace().size = version.storage_mb;
  LoggingConfig& logging = out.logging_config.emplace();
  logging.log_format = version.log_format;
  logging.log_group = version.log_group;
  return out;
}

AliasConfiguration describe(const FunctionRecord& function, const Alias& alias) {
  AliasConfiguration out;
  out.alias_arn = function.arn() + ":" + alias.name;
  out.name = alias.name;
  out.function_version = alias.version;
  out.description = alias.description;
  out.revision_id = alias.revision;
  return out;
}

Result<std::size_t> place_of(const std::optional<std::string>& marker) {
  std::size_t out = 0;
  if (!marker || marker->empty()) return out;
  const auto end = std::from_chars(marker->data(), marker->data() + marker->size(), out);
  if (end.ec != std::errc() || end.ptr != marker->data() + marker->size())
    return invalid("The Marker is not one that was given out.");
  return out;
}

}  // namespace tarn::lambda
