// PutLogEvents, GetLogEvents, FilterLogEvents.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/logs/actions.h"
#include "services/logs/event_search.h"
#include "services/logs/filter_pattern.h"
#include "services/logs/request.h"

namespace tarn::logs {
namespace {

// 2024-01-01T00:00:00Z, before which the latest events cannot be asked for first.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
constexpr std::int64_t kDescendingSinceMs = 1'704'067'200'000;

std::optional<RejectedLogEventsInfo> rejected_info(const Refused& refused, std::size_t count) {
  RejectedLogEventsInfo out;
  if (refused.too_old > 0)
    out.too_old_log_event_end_index = static_cast<std::int32_t>(refused.too_old);
  if (refused.expired > refused.too_old)
    out.expired_log_event_end_index = static_cast<std::int32_t>(refused.expired);
  if (refused.too_new < count)
    out.too_new_log_event_start_index = static_cast<std::int32_t>(refused.too_new);
  const bool is_any = out.too_old_log_event_end_index || out.expired_log_event_end_index ||
                      out.too_new_log_event_start_index;
  if (!is_any) return std::nullopt;
  return out;
}

// "f/DIGITS/s" goes forward from an event, "b/DIGITS/s" backward.
struct EventToken {
  bool forward = false;
  Position place;

  [[nodiscard]] std::string text() const {
    return fmt::format("{}/{}/s", forward ? 'f' : 'b', place.to_digits());
  }
};

Result<EventToken> parse_event_token(std::string_view text) {
  const bool is_formed = (text.starts_with("f/") || text.starts_with("b/")) && text.ends_with("/s");
  if (is_formed) {
    if (const auto place = Position::from_digits(text.substr(2, text.size() - 4)))
      return EventToken{text.front() == 'f', *place};
  }
  return invalid_parameter("The specified nextToken is invalid.");
}

// What remains of the time that is asked for where the group keeps events for some days only.
Timestamp from_of(const std::optional<std::int64_t>& start, const Group& group, Timestamp now) {
  return std::max(Timestamp{start.value_or(0)}, group.record()->oldest_kept(now));
}

Result<ReadPlace> place_to_read(const GetLogEventsRequest& input) {
  ReadPlace out;
  out.forward = input.start_from_head.value_or(false);
  if (!input.next_token) return out;
  TARN_TRY(const EventToken token, parse_event_token(*input.next_token));
  out.forward = token.forward;
  out.beyond = token.place;
  return out;
}

GetLogEventsResponse page_of(std::vector<Event> events, const ReadPlace& place) {
  // At an end the token that came is given back; the other one turns round, so that it leads to the
  // event at which this one stands.
  Position first = place.beyond.value_or(Position{});
  Position last = first;
  if (place.beyond && place.forward) ++first.number;
  if (place.beyond && !place.forward && last.number > 0) --last.number;
  if (!events.empty()) {
    first = events.front().place;
    last = events.back().place;
  }
  GetLogEventsResponse out;
  out.next_forward_token = EventToken{true, last}.text();
  out.next_backward_token = EventToken{false, first}.text();
  out.events.emplace();
  for (Event& event : events) {
    OutputLogEvent& each = out.events->emplace_back();
    each.timestamp = event.place.at.ms;
    each.ingestion_time = event.ingested.ms;
    each.message = std::move(event.message);
  }
  return out;
}

// The token of a search: the way it goes, and what it looked at last.
Status read_search_token(const std::optional<std::string>& text, SearchQuery& query) {
  if (!text) return {};
  TARN_TRY(const EventToken token, parse_event_token(*text));
  query.forward = token.forward;
  query.beyond = token.place;
  return {};
}

Result<SearchQuery> search_query_of(const FilterLogEventsRequest& input, const Group& group,
                                    Timestamp now) {
  if (input.log_stream_names && input.log_stream_name_prefix) {
    return invalid_parameter(
        "logStreamNames and logStreamNamePrefix must not be given both at a time.");
  }
  SearchQuery out;
  out.streams = input.log_stream_names.value_or(std::vector<std::string>());
  std::sort(out.streams.begin(), out.streams.end());
  out.streams.erase(std::unique(out.streams.begin(), out.streams.end()), out.streams.end());
  out.prefix = input.log_stream_name_prefix.value_or("");
  out.from = from_of(input.start_time, group, now);
  if (input.end_time) out.to = Timestamp{*input.end_time};
  if (out.to && input.start_time && *input.start_time > *input.end_time)
    return invalid_parameter("endTime must not be before startTime.");
  out.forward = input.start_from_head.value_or(true);
  if (!out.forward && input.start_time.value_or(0) < kDescendingSinceMs) {
    return invalid_parameter(
        "startFromHead can be false only where startTime is 2024-01-01T00:00:00Z or later.");
  }
  out.limit =
      static_cast<std::size_t>(input.limit.value_or(static_cast<std::int32_t>(kMostEvents)));
  TARN_CHECK(read_search_token(input.next_token, out));
  return out;
}

}  // namespace

Task<Result<PutLogEventsResponse>> handle(PutLogEvents, LogsService& logs, const Caller& caller,
                                          PutLogEventsRequest input) {
  TARN_CO_TRY(const auto group, find_group(logs, caller, input.log_group_name));
  std::vector<NewEvent> batch;
  batch.reserve(input.log_events.size());
  for (InputLogEvent& event : input.log_events)
    batch.push_back({Timestamp{event.timestamp}, std::move(event.message)});
  const std::size_t count = batch.size();
  auto work = [&] {
    return logs.events().append(*group, input.log_stream_name, std::move(batch),
                                logs.platform().clock.now());
  };
  TARN_CO_TRY(const Refused refused, co_await logs.platform().tasks.offload(work));
  PutLogEventsResponse out;
  // Ignored where it comes back; clients before 2023 pass it on.
  out.next_sequence_token = Position{logs.platform().clock.now(), group->id(), 0}.to_digits();
  out.rejected_log_events_info = rejected_info(refused, count);
  if (input.entity) {
    out.rejected_entity_info.emplace();
    out.rejected_entity_info->error_type =
        values::entity_rejection_error_type::kUnsupportedLogGroupType;
  }
  co_return out;
}

Task<Result<GetLogEventsResponse>> handle(GetLogEvents, LogsService& logs, const Caller& caller,
                                          GetLogEventsRequest input) {
  TARN_CO_TRY(const auto group,
              find_group(logs, caller, input.log_group_name, input.log_group_identifier));
  TARN_CO_TRY(const ReadPlace place, place_to_read(input));
  EventRange range;
  range.from = from_of(input.start_time, *group, logs.platform().clock.now());
  if (input.end_time) range.to = Timestamp{*input.end_time};
  const auto limit =
      static_cast<std::size_t>(input.limit.value_or(static_cast<std::int32_t>(kMostEvents)));
  auto work = [&]() -> Result<std::vector<Event>> {
    TARN_TRY(const StreamRecord stream, logs.streams().find(*group, input.log_stream_name));
    return logs.events().read(*group, stream, range, place, limit);
  };
  TARN_CO_TRY(std::vector<Event> events, co_await logs.platform().tasks.offload(work));
  co_return page_of(std::move(events), place);
}

Task<Result<FilterLogEventsResponse>> handle(FilterLogEvents, LogsService& logs,
                                             const Caller& caller, FilterLogEventsRequest input) {
  TARN_CO_TRY(const auto group,
              find_group(logs, caller, input.log_group_name, input.log_group_identifier));
  TARN_CO_TRY(const FilterPattern pattern, FilterPattern::parse(input.filter_pattern.value_or("")));
  TARN_CO_TRY(const SearchQuery query, search_query_of(input, *group, logs.platform().clock.now()));
  auto work = [&] {
    return search(logs.store(), *group, query, pattern);
  };
  TARN_CO_TRY(SearchPage page, co_await logs.platform().tasks.offload(work));
  FilterLogEventsResponse out;
  out.events.emplace();
  out.searched_log_streams.emplace();
  for (FoundEvent& found : page.events) {
    FilteredLogEvent& each = out.events->emplace_back();
    each.log_stream_name = std::move(found.stream);
    each.timestamp = found.event.place.at.ms;
    each.ingestion_time = found.event.ingested.ms;
    each.event_id = found.event.place.to_digits();
    each.message = std::move(found.event.message);
  }
  if (page.next) out.next_token = EventToken{query.forward, *page.next}.text();
  co_return out;
}

}  // namespace tarn::logs
