#include "services/lambda/invocations.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/lambda/record.h"
#include "wire/encoding.h"

namespace tarn::lambda {
namespace {

constexpr int kAttempts = 3;
constexpr std::chrono::seconds kOldestEvent{6 * 3600};
constexpr std::chrono::milliseconds kQueuePause{100};
constexpr std::size_t kMostAtOnce = 4;  // of events: callers who wait come first
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
constexpr std::size_t kMostLineBytes = (std::size_t{256} << 10) - 26;
constexpr std::size_t kMostBatchBytes = 1'048'576;
constexpr std::size_t kMostBatchEvents = 10'000;
constexpr std::size_t kBytesBesideLine = 26;

Caller caller_of(const iam::Credential& keys, const std::string& region) {
  Caller out;
  out.kind = keys.kind;
  out.account_id = keys.account_id;
  out.arn = keys.arn;
  out.user_id = keys.user_id;
  out.access_key_id = keys.access_key_id;
  out.region = region;
  out.session = keys.session;
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    while (!line.empty()) {
      const std::string_view piece = wire::cut_text(line, kMostLineBytes);
      out.emplace_back(piece);
      line.remove_prefix(piece.size());
    }
  }
  return out;
}

// As many of `lines` from `at` on as one call of PutLogEvents takes.
Json batch_of(const std::vector<std::string>& lines, std::size_t& at, Timestamp now) {
  Json out = Json::array();
  std::size_t bytes = 0;
  for (; at < lines.size() && out.size() < kMostBatchEvents; ++at) {
    bytes += lines[at].size() + kBytesBesideLine;
    if (bytes > kMostBatchBytes) break;
    out.push_back({{"timestamp", now.ms}, {"message", lines[at]}});
  }
  return out;
}

std::chrono::milliseconds pause_after(int failures) {
  return std::chrono::minutes(failures == 1 ? 1 : 2);
}

}  // namespace

Result<Target> find_target(const Functions::Entry& function, const std::string& qualifier) {
  Target out{function, function->latest, function->arn()};
  if (qualifier.empty()) return out;
  out.arn += ":" + qualifier;
  if (qualifier == kLatest) return out;
  std::string name = qualifier;
  if (const auto alias = function->aliases.find(qualifier); alias != function->aliases.end())
    name = alias->second.version;
  if (name == kLatest) return out;
  for (const auto& [number, version] : function->versions) {
    if (version.name != name) continue;
    out.version = version;
    return out;
  }
  return function_not_found(out.arn);
}

// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html
std::string log_text(const Target& target, const ExecutionEnvironments::Outcome& outcome,
                     const std::string& request_id) {
  const auto ms = outcome.answer.duration.count();
  std::string out =
      fmt::format("START RequestId: {} Version: {}\n", request_id, target.version.name);
  out += outcome.answer.log;
  if (!outcome.answer.log.empty() && out.back() != '\n') out += '\n';
  out += fmt::format("END RequestId: {}\n", request_id);
  out += fmt::format(
      "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t{}\n",
      request_id, ms, std::max<std::int64_t>(ms, 1), target.version.memory_mb,
      outcome.cold ? "with the environment's start" : "");
  return out;
}

Task<Status> Invocations::start() {
  const auto read = [this]() -> Status {
    TARN_TRY(const auto records, store_.scan(store::Space::kLambda, kEventPrefix));
    for (const auto& [key, value] : records) {
      TARN_TRY(QueuedEvent event, decode_event(value));
      std::string id = event.id;
      events_.emplace(std::move(id), std::move(event));
    }
    return {};
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(read));
  working_ = true;
  tarn::start(work());
  co_return Status();
}

Task<void> Invocations::shut_down() {
  stopping_ = true;
  while (working_ || writing_ > 0 || !running_.empty())
    co_await platform_.clock.sleep(kQueuePause / 5);
}

Task<Result<ExecutionEnvironments::Outcome>> Invocations::run(Target target, Call call) {
  const std::string request_id = call.request_id;
  Functions::Entry function = target.function;
  Version version = target.version;
  auto outcome =
      co_await environments_.run(std::move(function), std::move(version), std::move(call));
  if (!outcome.ok()) co_return std::move(outcome).error();
  ++writing_;
  ExecutionEnvironments::Outcome told = *outcome;
  tarn::start(write_log(this, std::move(target), std::move(told), request_id));
  co_return outcome;
}

// A role that may not write logs has none, as on AWS.
Task<void> Invocations::write_log(Invocations* self, Target target,
                                  ExecutionEnvironments::Outcome outcome, std::string request_id) {
  const auto keys = self->credentials_.find(outcome.access_key_id);
  if (keys) {
    const Caller caller = caller_of(*keys, target.function->region);
    const std::string& group = target.version.log_group;
    const Json stream = {{"logGroupName", group}, {"logStreamName", outcome.log_stream}};
    if (self->known_streams_.insert(group + "\n" + outcome.log_stream).second) {
      for (const char* action : {"logs:CreateLogGroup", "logs:CreateLogStream"}) {
        Json input = stream;
        if (std::string_view(action) == "logs:CreateLogGroup") input.erase("logStreamName");
        const std::string name = action;
        [[maybe_unused]] const auto made =
            co_await self->calls_.call(name, caller, std::move(input));
      }
    }
    const auto lines = lines_of(log_text(target, outcome, request_id));
    const Timestamp now = self->platform_.clock.now();
    for (std::size_t at = 0; at < lines.size();) {
      Json input = stream;
      input["logEvents"] = batch_of(lines, at, now);
      const std::string name = "logs:PutLogEvents";
      const auto put = co_await self->calls_.call(name, caller, std::move(input));
      if (!put.ok()) break;
    }
  }
  --self->writing_;
}

Task<Status> Invocations::queue(Target target, std::string qualifier, Call call) {
  QueuedEvent event;
  event.id = call.request_id;
  event.account = target.function->account;
  event.region = target.function->region;
  event.function = target.function->name;
  event.qualifier = std::move(qualifier);
  event.payload = std::move(call.payload);
  event.client_context = std::move(call.client_context);
  event.queued = event.due = platform_.clock.now();
  store::Batch batch;
  batch.put(store::Space::kLambda, record_key(event), encode(event));
  TARN_CO_CHECK(co_await journal_.commit(std::move(batch)));
  std::string id = event.id;
  events_.emplace(std::move(id), std::move(event));
  co_return Status();
}

Task<void> Invocations::work() {
  while (!stopping_) {
    const Timestamp now = platform_.clock.now();
    // An attempt may end, and change events_, before start() returns.
    std::vector<QueuedEvent> due;
    for (const auto& [id, event] : events_) {
      if (running_.size() >= kMostAtOnce) break;
      if (event.due <= now && running_.insert(id).second) due.push_back(event);
    }
    for (QueuedEvent& event : due) tarn::start(attempt(std::move(event)));
    co_await platform_.clock.sleep(kQueuePause);
  }
  working_ = false;
}

Task<void> Invocations::attempt(QueuedEvent event) {
  bool done = true;
  const Functions::Entry function = functions_.find(event.region, event.function);
  // A function that is gone takes its events with it.
  if (function != nullptr) {
    auto target = find_target(function, event.qualifier);
    if (target.ok()) {
      Call call{event.id, target->arn, event.payload, event.client_context};
      const auto outcome = co_await run(std::move(target).value(), std::move(call));
      done = outcome.ok() && !outcome->answer.failed;
      if (!outcome.ok() && outcome.error().is("TooManyRequestsException") && !stopping_) {
        // Not the function's fault: no attempt is counted.
        event.due = platform_.clock.now() + std::chrono::seconds(1);
        events_[event.id] = event;
        running_.erase(event.id);
        co_return;
      }
    }
  }
  if (!stopping_ || done) co_await settle(event, done);
  running_.erase(event.id);
}

Task<void> Invocations::settle(QueuedEvent event, bool done) {
  store::Batch batch;
  ++event.attempts;
  const Timestamp now = platform_.clock.now();
  const bool over = done || event.attempts >= kAttempts || event.queued + kOldestEvent < now;
  if (over) {
    if (!done)
      spdlog::warn("lambda: an event for {} failed {} times and is dropped", event.function,
                   event.attempts);
    events_.erase(event.id);
    batch.remove(store::Space::kLambda, record_key(event));
  } else {
    event.due = now + pause_after(event.attempts);
    events_[event.id] = event;
    batch.put(store::Space::kLambda, record_key(event), encode(event));
  }
  const Status kept = co_await journal_.commit(std::move(batch));
  if (!kept.ok()) spdlog::warn("lambda: {}", kept.error().message);
}

}  // namespace tarn::lambda
