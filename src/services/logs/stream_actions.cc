// CreateLogStream, DeleteLogStream, DescribeLogStreams.
#include <utility>

#include "services/logs/actions.h"
#include "services/logs/names.h"
#include "services/logs/request.h"
#include "wire/json_value.h"

namespace tarn::logs {
namespace {

constexpr std::int32_t kStreamsPerPage = 50;

LogStream describe_stream(const GroupRecord& group, const StreamRecord& stream) {
  LogStream out;
  out.log_stream_name = stream.name;
  out.creation_time = stream.created.ms;
  if (stream.first_event) out.first_event_timestamp = stream.first_event->ms;
  if (stream.last_event) out.last_event_timestamp = stream.last_event->ms;
  if (stream.last_ingestion) out.last_ingestion_time = stream.last_ingestion->ms;
  out.arn = group.arn() + ":log-stream:" + stream.name;
  // Not told of streams since 2019.
  out.stored_bytes = 0;
  return out;
}

// The place of a page's last stream: its record without what the order does not need.
std::string place_token(const StreamRecord& stream) {
  StreamRecord place;
  place.id = stream.id;
  place.name = stream.name;
  place.last_event = stream.last_event;
  return to_token(encode(place));
}

Result<StreamQuery> query_of(const DescribeLogStreamsRequest& input) {
  StreamQuery out;
  out.prefix = input.log_stream_name_prefix.value_or("");
  out.descending = input.descending.value_or(false);
  out.limit = static_cast<std::size_t>(input.limit.value_or(kStreamsPerPage));
  if (input.order_by.value_or("") == values::order_by::kLastEventTime)
    out.order = StreamOrder::kLastEvent;
  if (out.order == StreamOrder::kLastEvent && input.log_stream_name_prefix)
    return invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  if (!input.next_token) return out;
  TARN_TRY(const std::string place, from_token(input.next_token));
  auto after = decode_stream(place);
  if (!after.ok()) return invalid_parameter("The specified nextToken is invalid.");
  out.after = std::move(after).value();
  return out;
}

}  // namespace

Task<Result<wire::Unit>> handle(CreateLogStream, LogsService& logs, const Caller& caller,
                                CreateLogStreamRequest input) {
  TARN_CO_CHECK(check_stream_name(input.log_stream_name));
  TARN_CO_TRY(const auto group, find_group(logs, caller, input.log_group_name));
  auto work = [&] {
    return logs.streams().create(*group, input.log_stream_name, logs.platform().clock.now());
  };
  TARN_CO_CHECK(co_await logs.platform().tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<wire::Unit>> handle(DeleteLogStream, LogsService& logs, const Caller& caller,
                                DeleteLogStreamRequest input) {
  TARN_CO_TRY(const auto group, find_group(logs, caller, input.log_group_name));
  if (group->record()->deletion_protection) {
    co_return Error("ValidationException",
                    "The log group is protected against deletion, and its streams with it: turn "
                    "its deletion protection off first (PutLogGroupDeletionProtection).");
  }
  auto work = [&] {
    return logs.streams().remove(*group, input.log_stream_name);
  };
  TARN_CO_CHECK(co_await logs.platform().tasks.offload(work));
  co_return wire::Unit();
}

Task<Result<DescribeLogStreamsResponse>> handle(DescribeLogStreams, LogsService& logs,
                                                const Caller& caller,
                                                DescribeLogStreamsRequest input) {
  TARN_CO_TRY(const auto group,
              find_group(logs, caller, input.log_group_name, input.log_group_identifier));
  TARN_CO_TRY(const StreamQuery query, query_of(input));
  auto work = [&] {
    return logs.streams().list(*group, query);
  };
  TARN_CO_TRY(const StreamPage page, co_await logs.platform().tasks.offload(work));
  DescribeLogStreamsResponse out;
  out.log_streams.emplace();
  const auto record = group->record();
  for (const StreamRecord& stream : page.streams)
    out.log_streams->push_back(describe_stream(*record, stream));
  if (page.has_more) out.next_token = place_token(page.streams.back());
  co_return out;
}

}  // namespace tarn::logs
