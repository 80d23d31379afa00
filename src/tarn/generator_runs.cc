#include "tarn/generator_runs.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "generator/put_records.h"
#include "generator/template.h"

namespace tarn::app {

namespace {

using generator::Answer;
using generator::Batch;
using generator::Nanoseconds;
using generator::Sender;

constexpr std::chrono::milliseconds kLongestPause{200};  // then a stop is seen
constexpr std::chrono::milliseconds kLookAtRuns{20};

Error bad_request(std::string text) {
  return {"BadRequest", std::move(text), 400};
}

Status check(const GeneratorOrder& order) {
  if (order.stream.empty())
    return bad_request("'stream' is missing: the name or ARN of a Kinesis data stream.");
  if (order.rate <= 0 || order.rate > GeneratorRuns::kMostRate) {
    return bad_request(fmt::format(
        "'rate' is a number of records a second, above 0 and up to {:.0f}; `tarn generate` sends "
        "more.",
        GeneratorRuns::kMostRate));
  }
  if (order.duration.count() <= 0 || order.duration > GeneratorRuns::kLongest) {
    return bad_request(fmt::format("'seconds' is from 1 to {}.", GeneratorRuns::kLongest.count()));
  }
  return {};
}

Result<Sender> sender_for(const GeneratorOrder& order, std::uint64_t seed, Nanoseconds now) {
  auto record = generator::Template::parse(order.record_template);
  if (!record.ok()) return bad_request("'template': " + record.error().message);
  auto key = generator::Template::parse(order.partition_key);
  if (!key.ok()) return bad_request("'partition_key': " + key.error().message);
  generator::SenderOptions options;
  options.records_per_s = order.rate;
  options.count = order.count;
  options.duration = order.duration;
  generator::Renderer records(std::move(record).value(), seed, order.utc_offset_minutes);
  generator::Renderer keys(std::move(key).value(), seed + 1, order.utc_offset_minutes);
  return Sender(std::move(records), std::move(keys), options, seed + 2, now);
}

std::string_view state_of(const GeneratorRuns::Run& run) {
  if (!run.ended) return run.is_stopped ? "stopping" : "running";
  if (!run.reason.empty()) return "failed";
  return run.is_stopped ? "stopped" : "done";
}

}  // namespace

std::size_t GeneratorRuns::running() const {
  return static_cast<std::size_t>(
      std::count_if(runs_.begin(), runs_.end(), [](const RunPointer& run) { return !run->ended; }));
}

Task<Result<GeneratorRuns::RunPointer>> GeneratorRuns::begin(Caller caller, GeneratorOrder order) {
  TARN_CO_CHECK(check(order));
  const std::uint64_t seed = order.seed ? *order.seed : platform_.random.next();
  TARN_CO_TRY(Sender sender, sender_for(order, seed, platform_.clock.monotonic()));
  if (running() >= kMostRunning || stopping_) {
    co_return Error("TooManyRequests",
                    fmt::format("{} runs are under way; stop one of them first.", running()), 429);
  }
  const char* naming = order.stream.starts_with("arn:") ? "StreamARN" : "StreamName";
  nlohmann::json named = {{naming, order.stream}};
  TARN_CO_TRY(const nlohmann::json told,
              co_await calls_.call("kinesis:DescribeStreamSummary", caller, std::move(named)));
  RunPointer run =
      std::make_shared<Run>(++last_id_, std::move(caller), std::move(order), std::move(sender));
  run->started = platform_.clock.now();
  runs_.push_front(run);
  while (runs_.size() > kMostKept && runs_.back()->ended) runs_.pop_back();
  tarn::start(drive(run), [] {});
  co_return run;
}

GeneratorRuns::RunPointer GeneratorRuns::find(int id) const {
  const auto found = std::find_if(runs_.begin(), runs_.end(),
                                  [id](const RunPointer& run) { return run->id == id; });
  return found == runs_.end() ? nullptr : *found;
}

void GeneratorRuns::stop(Run& run) {
  if (run.ended) return;
  run.is_stopped = true;
  run.sender.stop();
}

Task<Answer> GeneratorRuns::send(RunPointer run, const Batch& batch) const {
  if (!credentials_.find(run->caller.access_key_id)) {
    Answer gone;
    gone.kind = Answer::Kind::kRefused;
    gone.code = "InvalidClientTokenId";
    gone.message = "the access key that began the run is gone";
    co_return gone;
  }
  std::string body;
  generator::write_put_records(run->order.stream, batch, body);
  nlohmann::json input = wire::parse_json(body);
  auto done = co_await calls_.call("kinesis:PutRecords", run->caller, std::move(input));
  if (done.ok()) co_return generator::read_put_records_answer(200, done->dump(), batch.size());
  const Error& error = done.error();
  const nlohmann::json words = {{"__type", error.code}, {"message", error.message}};
  const int status = error.http_status != 0 ? error.http_status : 400;
  co_return generator::read_put_records_answer(status, words.dump(), batch.size());
}

Task<void> GeneratorRuns::drive(RunPointer run) {
  while (true) {
    const Nanoseconds now = platform_.clock.monotonic();
    Sender::Work work = run->sender.next(now, platform_.clock.now());
    if (const Batch* batch = std::get_if<Batch>(&work)) {
      const Answer answer = co_await send(run, *batch);
      run->sender.answered(*batch, answer, platform_.clock.monotonic());
      if (answer.kind != Answer::Kind::kRefused) continue;
      run->reason = fmt::format("{}: {}", answer.code, answer.message);
      run->sender.abandon();
      break;
    }
    if (const Error* error = std::get_if<Error>(&work)) run->reason = error->message;
    const auto* wait = std::get_if<Sender::WaitUntil>(&work);
    if (wait == nullptr) break;
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(wait->time - now);
    co_await platform_.clock.sleep(std::clamp(pause, std::chrono::milliseconds(1), kLongestPause));
  }
  run->ended = platform_.clock.now();
}

Task<void> GeneratorRuns::shut_down() {
  stopping_ = true;
  for (const RunPointer& run : runs_) {
    if (run->ended) continue;
    run->is_stopped = true;
    run->sender.abandon();
  }
  while (running() > 0) co_await platform_.clock.sleep(kLookAtRuns);
}

nlohmann::json to_json(const GeneratorRuns::Run& run) {
  const generator::SenderStats& stats = run.sender.stats();
  nlohmann::json out = {{"id", run.id},
                        {"stream", run.order.stream},
                        {"state", state_of(run)},
                        {"rate", run.order.rate},
                        {"seconds", run.order.duration.count()},
                        {"count", run.order.count},
                        {"started_ms", run.started.ms},
                        {"by", run.caller.arn}};
  out["ended_ms"] = run.ended ? nlohmann::json(run.ended->ms) : nlohmann::json();
  out["reason"] = run.reason.empty() ? nlohmann::json() : nlohmann::json(run.reason);
  out["records"] = {{"sent", stats.sent},
                    {"acknowledged", stats.acknowledged},
                    {"retried", stats.retried},
                    {"lost", stats.lost},
                    {"bytes", stats.bytes}};
  out["errors"] = stats.errors;
  return out;
}

}  // namespace tarn::app
