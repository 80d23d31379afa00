// LookupEvents.
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/cloudtrail/actions.h"
#include "services/cloudtrail/event.h"
#include "wire/dates.h"
#include "wire/json_value.h"

namespace tarn::cloudtrail {
namespace {

constexpr std::int32_t kEventsPerPage = 50;
constexpr std::int64_t kSecondMs = 1000;

Status read_attribute(const LookupEventsRequest& input, TrailQuery& query) {
  if (!input.lookup_attributes || input.lookup_attributes->empty()) return {};
  if (input.lookup_attributes->size() > 1) {
    return Error("InvalidLookupAttributesException",
                 "LookupAttributes may hold one attribute only.");
  }
  const LookupAttribute& attribute = input.lookup_attributes->front();
  if (attribute.attribute_key == values::lookup_attribute_key::kResourceType) {
    return Error("NotImplemented",
                 "The attribute ResourceType is not implemented by this version of tarn: look up "
                 "by EventSource or ResourceName.");
  }
  query.attribute = attribute.attribute_key;
  query.value = attribute.attribute_value;
  return {};
}

Result<TrailQuery> query_of(const LookupEventsRequest& input, const Caller& caller) {
  TrailQuery out;
  out.account = caller.account_id;
  out.region = caller.region;
  TARN_CHECK(read_attribute(input, out));
  if (input.event_category) {
    return Error("NotImplemented",
                 "EventCategory is not implemented by this version of tarn: there are no Insights "
                 "events. Leave it out for the calls themselves.");
  }
  out.from = input.start_time.value_or(Timestamp{0});
  // Times are of whole seconds.
  out.to = input.end_time ? Timestamp{input.end_time->ms + kSecondMs - 1}
                          : Timestamp{std::numeric_limits<std::int64_t>::max()};
  if (out.from > out.to)
    return Error("InvalidTimeRangeException", "StartTime must not be after EndTime.");
  out.limit = static_cast<std::size_t>(input.max_results.value_or(kEventsPerPage));
  if (!input.next_token) return out;
  const std::string& token = *input.next_token;
  const auto [end, failure] =
      std::from_chars(token.data(), token.data() + token.size(), out.before);
  if (failure != std::errc() || end != token.data() + token.size())
    return Error("InvalidNextTokenException", "The NextToken is none that was given.");
  return out;
}

Event wire_event(const nlohmann::json& event) {
  Event out;
  out.event_id = event.value("eventID", "");
  out.event_name = event.value("eventName", "");
  out.event_source = event.value("eventSource", "");
  out.event_time = wire::from_iso8601(event.value("eventTime", ""));
  out.read_only = event.value("readOnly", false) ? "true" : "false";
  out.username = username_of(event);
  const nlohmann::json identity = event.value("userIdentity", nlohmann::json::object());
  if (identity.contains("accessKeyId")) out.access_key_id = identity.value("accessKeyId", "");
  out.resources.emplace();
  const nlohmann::json none = nlohmann::json::array();
  for (const nlohmann::json& each : event.value("resources", none)) {
    Resource& resource = out.resources->emplace_back();
    resource.resource_name = each.value("ARN", "");
  }
  out.cloud_trail_event = event.dump();
  return out;
}

}  // namespace

Task<Result<LookupEventsResponse>> handle(LookupEvents, CloudTrailService& cloudtrail,
                                          const Caller& caller, LookupEventsRequest input) {
  TARN_CO_TRY(const TrailQuery query, query_of(input, caller));
  auto work = [&]() -> Result<TrailPage> {
    // What was done before is told, though it still waits to be written. A full disk keeps nobody
    // from reading.
    if (const Status kept = cloudtrail.trail().flush(); !kept.ok())
      spdlog::warn("cloudtrail: calls could not be kept: {}", kept.error().message);
    return cloudtrail.trail().look_up(query);
  };
  TARN_CO_TRY(const TrailPage page, co_await cloudtrail.platform().tasks.offload(work));
  LookupEventsResponse out;
  out.events.emplace();
  for (const nlohmann::json& event : page.events) out.events->push_back(wire_event(event));
  if (page.next) out.next_token = std::to_string(*page.next);
  co_return out;
}

}  // namespace tarn::cloudtrail
