#include "services/kinesis/lifecycle.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "platform/log.h"
#include "services/kinesis/reshard.h"

namespace tarn::kinesis {

namespace {
constexpr std::chrono::milliseconds kFirstPause{200};  // after a step that failed
constexpr std::chrono::milliseconds kLongestPause{5'000};
constexpr std::chrono::milliseconds kRetentionPause{10'000};
}  // namespace

Lifecycle::Lifecycle(platform::Platform platform, Catalog& catalog, Log& log, ShardLimits& limits,
                     std::string directory)
    : platform_(platform),
      catalog_(catalog),
      log_(log),
      limits_(limits),
      directory_(std::move(directory)) {}

std::string Lifecycle::folder(const StreamState& state) const {
  return directory_ + "/" + state.id;
}

std::string Lifecycle::folder(const StreamState& state, const ShardState& shard) const {
  return fmt::format("{}/{:010}", folder(state), shard.number);
}

Task<Status> Lifecycle::start() {
  std::vector<StreamView> streams;
  const auto load = [&]() -> Status {
    TARN_TRY(std::vector<StreamState> states, catalog_.load());
    for (StreamState& state : states) {
      Stream::Logs logs;
      if (state.status != StreamStatus::kCreating) open_logs(state, logs);
      streams.push_back(std::make_shared<const Stream>(std::move(state), std::move(logs)));
    }
    return {};
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(load));
  for (const StreamView& stream : streams) {
    catalog_.publish(stream);
    if (stream->state().status != StreamStatus::kActive) drive(stream->state().id);
  }
  tarn::start(retain_for_ever(*this, alive_));
  co_return Status();
}

void Lifecycle::open_logs(const StreamState& state, Stream::Logs& logs) {
  for (const ShardState& shard : state.shards) {
    RecoveryNote note;
    auto opened = log_.open_shard(folder(state, shard), shard.origin(), note);
    if (!opened.ok()) {
      spdlog::error("kinesis: {} of stream {}: {}", shard_id(shard.number), state.name,
                    opened.error().message);
    } else if (note.cut_bytes > 0) {
      spdlog::warn(
          "kinesis: {} of stream {}: a torn tail of {} bytes, never acknowledged, was cut off {}",
          shard_id(shard.number), state.name, note.cut_bytes, note.path);
    }
    logs.emplace(shard.number, std::move(opened));
  }
}

Status Lifecycle::make_logs(const StreamState& state, const std::vector<ShardState>& shards,
                            Stream::Logs& logs) {
  for (const ShardState& shard : shards) {
    TARN_TRY(auto made, log_.create_shard(folder(state, shard), shard.origin()));
    logs.emplace(shard.number, std::move(made));
  }
  return {};
}

void Lifecycle::drive(const std::string& id) {
  if (stopping_ || !driven_.insert(id).second) return;
  begin();
  tarn::start(run(id));
}

void Lifecycle::end() {
  if (--running_ == 0 && stopping_) rested_.set(true);
}

Task<void> Lifecycle::run(std::string id) {
  std::chrono::milliseconds pause = kFirstPause;
  while (!stopping_) {
    const StreamView stream = catalog_.find_id(id);
    if (!stream || stream->state().status == StreamStatus::kActive) break;
    Status outcome;
    switch (stream->state().status) {
      case StreamStatus::kCreating: outcome = co_await create(stream); break;
      case StreamStatus::kUpdating: outcome = co_await reshard(stream); break;
      default: outcome = co_await destroy(stream); break;
    }
    if (outcome.ok()) {
      pause = kFirstPause;
      continue;
    }
    spdlog::warn("kinesis: stream {} stays {} and is tried again: {}", stream->state().name,
                 to_text(stream->state().status), outcome.error().message);
    co_await platform_.clock.sleep(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  driven_.erase(id);
  end();
}

Task<Status> Lifecycle::create(StreamView stream) {
  const StreamState& state = stream->state();
  Stream::Logs logs;
  const auto make = [&] {
    return make_logs(state, state.shards, logs);
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(make));
  Catalog::Edit edit = [](StreamState& now) -> Status {
    now.status = StreamStatus::kActive;
    return {};
  };
  Status changed = co_await catalog_.change(state.id, std::move(edit), std::move(logs));
  co_return changed;
}

// Children are made first, then the parents closed, then both facts become one durable change: a
// record goes to a parent before that and to a child after it, never to a child while a parent
// still takes some.
Task<Status> Lifecycle::reshard(StreamView stream) {
  const StreamState& state = stream->state();
  Stream::Logs logs;
  const auto make = [&] {
    return make_logs(state, state.step->children, logs);
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(make));
  std::map<std::uint32_t, Counter> ends;
  for (const std::uint32_t parent : state.step->parents) {
    TARN_CO_TRY(std::shared_ptr<ShardLog> shard, stream->log(parent));
    const Result<Counter> end = co_await log_.close_shard(shard);
    if (!end.ok() && !end.error().is(log_code::kShardClosed)) co_return end.error();
    ends[parent] = shard->end();
  }
  const std::int64_t now = platform_.clock.now().ms;
  Catalog::Edit edit = [&ends, now](StreamState& state_now) -> Status {
    complete_step(state_now, ends, now);
    return {};
  };
  Status changed = co_await catalog_.change(state.id, std::move(edit), std::move(logs));
  co_return changed;
}

Task<Status> Lifecycle::destroy(StreamView stream) {
  for (const auto& [number, log] : stream->logs()) {
    if (!log.ok()) continue;
    const std::shared_ptr<ShardLog> shard = log.value();
    const Result<Counter> end = co_await log_.close_shard(shard);
    if (!end.ok() && !end.error().is(log_code::kShardClosed)) co_return end.error();
  }
  const std::string path = folder(stream->state());
  const auto remove = [&]() -> Status {
    if (!platform_.files.exists(path)) return {};
    return platform_.files.remove_tree(path);
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(remove));
  Status removed = co_await catalog_.remove(stream->state().id);
  co_return removed;
}

Task<void> Lifecycle::retain_for_ever(Lifecycle& self, std::shared_ptr<const bool> alive) {
  while (*alive) {
    co_await self.platform_.clock.sleep(kRetentionPause);
    if (!*alive) co_return;
    self.begin();
    co_await self.retain();
    co_await self.scale();
    self.end();
  }
}

Task<void> Lifecycle::retain() {
  const std::int64_t now = platform_.clock.now().ms;
  const std::vector<StreamView> streams = catalog_.list("", "");
  for (const StreamView& stream : streams) {
    if (!stream->serves()) continue;
    const std::int64_t horizon = now - stream->state().retention_ms();
    const auto expire = [&] {
      for (const auto& [number, log] : stream->logs()) {
        if (!log.ok()) continue;
        const Status done = log_.expire(log.value(), horizon);
        if (!done.ok()) spdlog::warn("kinesis: retention: {}", done.error().message);
      }
    };
    co_await platform_.tasks.offload(expire);
    co_await expire_shards(stream, now);
  }
}

Task<void> Lifecycle::scale() {
  if (!limits_.enforced()) co_return;
  const std::vector<StreamView> streams = catalog_.list("", "");
  for (const StreamView& stream : streams) {
    const StreamState& state = stream->state();
    Demand demand;
    for (const ShardState& shard : state.shards) {
      const Demand peak = limits_.take_demand({state.id, shard.number});
      demand.records += peak.records;
      demand.bytes += peak.bytes;
    }
    const auto shards = static_cast<std::uint64_t>(state.open_shards());
    const bool needed = 2 * demand.records > shards * kShardWriteRecords ||
                        2 * demand.bytes > shards * kShardWriteBytes;
    if (!needed || !state.on_demand || state.status != StreamStatus::kActive) continue;
    co_await double_shards(stream);
  }
}

Task<void> Lifecycle::double_shards(StreamView stream) {
  const std::int64_t now = platform_.clock.now().ms;
  Catalog::Edit edit = [now](StreamState& state) -> Status {
    const std::int32_t target = std::min(2 * state.open_shards(), kMaxOnDemandShards);
    if (state.status != StreamStatus::kActive || target <= state.open_shards()) return {};
    state.step = plan_toward(state, target, now);
    if (!state.step) return {};
    state.target_shards = target;
    state.status = StreamStatus::kUpdating;
    return {};
  };
  const std::string id = stream->state().id;
  const Status changed = co_await catalog_.change(id, std::move(edit));
  if (!changed.ok()) {
    spdlog::warn("kinesis: stream {} is not scaled: {}", stream->state().name,
                 changed.error().message);
    co_return;
  }
  drive(id);
}

// A closed shard goes once all it held is past retention.
Task<void> Lifecycle::expire_shards(StreamView stream, std::int64_t now_ms) {
  const StreamState& state = stream->state();
  std::vector<ShardState> gone;
  for (const ShardState& shard : state.shards) {
    if (!shard.open() && shard.closed_ms < now_ms - state.retention_ms()) gone.push_back(shard);
  }
  if (gone.empty()) co_return;
  Catalog::Edit edit = [&gone](StreamState& now) -> Status {
    std::erase_if(now.shards, [&](const ShardState& shard) {
      return std::any_of(gone.begin(), gone.end(),
                         [&](const ShardState& g) { return g.number == shard.number; });
    });
    return {};
  };
  const Status changed = co_await catalog_.change(state.id, std::move(edit));
  if (!changed.ok()) co_return;
  const auto remove = [&] {
    for (const ShardState& shard : gone) {
      const Status removed = platform_.files.remove_tree(folder(state, shard));
      if (!removed.ok()) spdlog::warn("kinesis: retention: {}", removed.error().message);
    }
  };
  co_await platform_.tasks.offload(remove);
}

Task<void> Lifecycle::stop() {
  *alive_ = false;
  stopping_ = true;
  if (running_ > 0) co_await rested_;
}

}  // namespace tarn::kinesis
