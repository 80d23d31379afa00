#include "services/kinesis/log.h"

#include <utility>

namespace tarn::kinesis {

namespace {
Error stopping() {
  return {code::kCancelled, "the server is stopping"};
}
}  // namespace

Log::Log(platform::Clock& clock, platform::Files& files, platform::Tasks& tasks, LogOptions options)
    : clock_(clock), files_(files), tasks_(tasks), options_(options), gate_(options.queue_bytes) {}

Result<std::shared_ptr<ShardLog>> Log::create_shard(const std::string& directory,
                                                    ShardOrigin origin) {
  TARN_TRY(auto shard, ShardLog::create(clock_, files_, options_, directory, origin));
  const std::lock_guard lock(mutex_);
  shards_.push_back(shard);
  return shard;
}

Result<std::shared_ptr<ShardLog>> Log::open_shard(const std::string& directory, ShardOrigin origin,
                                                  RecoveryNote& note) {
  TARN_TRY(auto shard, ShardLog::open(clock_, files_, options_, directory, origin, note));
  const std::lock_guard lock(mutex_);
  shards_.push_back(shard);
  return shard;
}

Task<void> Log::append(std::span<Append> appends) {
  if (appends.empty()) co_return;
  if (!enter()) {
    for (Append& append : appends) append.status = stopping();
    co_return;
  }
  std::size_t bytes = 0;
  for (const Append& append : appends) bytes += append.pack.bytes();
  if (!gate_.try_acquire(bytes)) co_await gate_.acquire(bytes);
  AppendTicket ticket(appends.size());
  for (Append& append : appends) {
    append.ticket = &ticket;
    // Once queued, the append is the committer's: it may be over before enqueue returns.
    std::shared_ptr<ShardLog> shard = append.shard;
    Result<bool> queued = shard->enqueue(append);
    if (!queued.ok()) {
      append.status = std::move(queued).error();
      ticket.finish_one();
    } else if (*queued) {
      make_ready(std::move(shard));
    }
  }
  co_await ticket.done();
  gate_.release(bytes);
  leave();
}

Task<Result<Counter>> Log::close_shard(std::shared_ptr<ShardLog> shard) {
  if (!enter()) co_return stopping();
  AppendTicket ticket(1);
  Append barrier;
  barrier.ticket = &ticket;
  Result<bool> queued = shard->close(barrier);
  if (!queued.ok()) {
    leave();
    co_return std::move(queued).error();
  }
  if (*queued) make_ready(shard);
  co_await ticket.done();
  const Counter end = shard->end();
  leave();
  co_return end;
}

Status Log::expire(const std::shared_ptr<ShardLog>& shard, std::int64_t ms) {
  TARN_TRY(const bool newest_too, shard->expire(ms));
  if (newest_too && enter()) {
    if (shard->request_roll()) make_ready(shard);
    leave();
  }
  return {};
}

Task<void> Log::stop() {
  bool wait = false;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wait = !idle();
  }
  if (wait) co_await stopped_;
  for (const std::weak_ptr<ShardLog>& held : shards_) {
    if (const auto shard = held.lock()) shard->flush_index();
  }
}

bool Log::enter() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  ++appends_;
  return true;
}

void Log::leave() {
  bool over = false;
  {
    const std::lock_guard lock(mutex_);
    --appends_;
    over = stopping_ && idle();
  }
  if (over) stopped_.set(true);
}

void Log::make_ready(std::shared_ptr<ShardLog> shard) {
  {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(shard));
    if (workers_ == options_.committers) return;
    ++workers_;
  }
  tasks_.post_blocking([this] { work(); });
}

void Log::work() {
  std::shared_ptr<ShardLog> shard;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (shard) ready_.push_back(std::move(shard));
      shard.reset();
      if (ready_.empty()) {
        --workers_;
        const bool over = stopping_ && idle();
        lock.unlock();
        if (over) stopped_.set(true);
        return;
      }
      shard = std::move(ready_.front());
      ready_.pop_front();
    }
    if (!shard->commit()) shard.reset();
  }
}

}  // namespace tarn::kinesis
