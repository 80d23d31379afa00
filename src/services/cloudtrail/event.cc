#include "services/cloudtrail/event.h"

#include <algorithm>
#include <array>

#include "services/iam/session.h"
#include "wire/dates.h"
#include "wire/json_value.h"

namespace tarn::cloudtrail {
namespace {

using nlohmann::json;

constexpr std::string_view kEventVersion = "1.08";

constexpr std::array<std::string_view, 17> kReadingVerbs = {
    "Get",      "List",  "Describe", "Lookup", "Search", "Head",  "Simulate", "Validate", "Scan",
    "Estimate", "Query", "Check",    "Filter", "Test",   "Batch", "Detect",   "Generate"};
// What begins like one that reads, and does not.
constexpr std::array<std::string_view, 7> kWritingVerbs = {
    "BatchCreate", "BatchDelete", "BatchUpdate", "BatchWrite",
    "BatchStop",   "BatchPut",    "DetectStack"};

std::string last_part(std::string_view text) {
  const std::size_t at = text.find_last_of(":/");
  return std::string(at == std::string_view::npos ? text : text.substr(at + 1));
}

std::string_view type_of(Caller::Kind kind) {
  switch (kind) {
    case Caller::Kind::kAnonymous: return "Unknown";
    case Caller::Kind::kRoot: return "Root";
    case Caller::Kind::kUser: return "IAMUser";
    case Caller::Kind::kAssumedRole: return "AssumedRole";
    case Caller::Kind::kService: return "AWSService";
    case Caller::Kind::kFederatedUser: return "FederatedUser";
  }
  return "Unknown";
}

// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
json identity_of(const Caller& caller) {
  json out = {{"type", type_of(caller.kind)}, {"accountId", caller.account_id}};
  if (!caller.user_id.empty()) out["principalId"] = caller.user_id;
  if (!caller.arn.empty()) out["arn"] = caller.arn;
  if (!caller.access_key_id.empty()) out["accessKeyId"] = caller.access_key_id;
  if (caller.kind == Caller::Kind::kUser) out["userName"] = last_part(caller.arn);
  if (!caller.called_via.empty()) out["invokedBy"] = caller.called_via;
  if (caller.session && !caller.session->role_arn.empty()) {
    const std::string& role = caller.session->role_arn;
    out["sessionContext"]["sessionIssuer"] = {{"type", "Role"},
                                              {"arn", role},
                                              {"accountId", caller.account_id},
                                              {"userName", last_part(role)}};
  }
  return out;
}

bool begins_with_one_of(std::string_view name, const auto& verbs) {
  return std::any_of(verbs.begin(), verbs.end(),
                     [&](std::string_view verb) { return name.starts_with(verb); });
}

// Services word a denial differently; CloudTrail does not.
std::string error_code_of(const std::string& code) {
  return code == "AccessDeniedException" ? "AccessDenied" : code;
}

std::string text_at(const json& event, const char* name) {
  const auto found = event.find(name);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Whether `name` stands in the last part of an ARN, as a whole: "clicks" in "…:stream/clicks".
bool has_name(std::string_view arn, std::string_view name) {
  for (int colons = 0; colons < 5; ++colons) {
    const std::size_t at = arn.find(':');
    if (at == std::string_view::npos) return false;
    arn.remove_prefix(at + 1);
  }
  constexpr std::string_view kBetween = ":/";
  for (std::size_t at = arn.find(name); at != std::string_view::npos; at = arn.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || kBetween.find(arn[at - 1]) != std::string_view::npos;
    const bool ends = end == arn.size() || kBetween.find(arn[end]) != std::string_view::npos;
    if (begins && ends) return true;
  }
  return false;
}

bool has_resource(const json& event, std::string_view value) {
  const auto resources = event.find("resources");
  if (resources == event.end()) return false;
  return std::any_of(resources->begin(), resources->end(), [&](const json& each) {
    const std::string arn = each.value("ARN", "");
    return arn == value || has_name(arn, value);
  });
}

}  // namespace

bool is_read_only(std::string_view event_name) {
  return begins_with_one_of(event_name, kReadingVerbs) &&
         !begins_with_one_of(event_name, kWritingVerbs);
}

json event_of(const gateway::AuditedCall& call, Timestamp time, const std::string& id) {
  const Caller& caller = call.caller;
  const bool is_ours = !caller.called_via.empty();
  json out = {{"eventVersion", kEventVersion},
              {"userIdentity", identity_of(caller)},
              {"eventTime", wire::to_iso8601(time)},
              {"eventSource", call.event_source},
              {"eventName", call.event_name},
              {"awsRegion", caller.region},
              {"sourceIPAddress", is_ours ? caller.called_via : caller.source_ip},
              {"userAgent", is_ours ? caller.called_via : call.user_agent},
              {"requestParameters", nullptr},
              {"responseElements", nullptr},
              {"requestID", caller.request_id},
              {"eventID", id},
              {"readOnly", is_read_only(call.event_name)},
              {"eventType", "AwsApiCall"},
              {"managementEvent", call.is_management},
              {"recipientAccountId", caller.account_id},
              {"eventCategory", call.is_management ? "Management" : "Data"}};
  if (!call.error_code.empty()) {
    out["errorCode"] = error_code_of(call.error_code);
    out["errorMessage"] = call.error_message;
  }
  if (!call.is_enforced) out["additionalEventData"] = {{"enforced", false}};
  if (call.resource.starts_with("arn:"))
    out["resources"].push_back({{"ARN", call.resource}, {"accountId", caller.account_id}});
  return out;
}

std::string username_of(const json& event) {
  const json identity = event.value("userIdentity", json::object());
  if (identity.value("type", "") == "Root") return "root";
  return last_part(identity.value("arn", ""));
}

bool has_attribute(const json& event, std::string_view key, std::string_view value) {
  if (key == "EventId") return text_at(event, "eventID") == value;
  if (key == "EventName") return text_at(event, "eventName") == value;
  if (key == "EventSource") return text_at(event, "eventSource") == value;
  if (key == "ReadOnly") return (event.value("readOnly", false) ? "true" : "false") == value;
  if (key == "Username") return username_of(event) == value;
  if (key == "AccessKeyId")
    return event.value("userIdentity", json::object()).value("accessKeyId", "") == value;
  return key == "ResourceName" && has_resource(event, value);
}

}  // namespace tarn::cloudtrail
