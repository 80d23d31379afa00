#include "sim/scheduler.h"

#include <memory>

namespace tarn::sim {

bool Scheduler::run_one() {
  if (strand_.empty() && blocking_.empty()) return false;
  const bool take_strand = blocking_.empty() || (!strand_.empty() && random_() % 2 == 0);
  if (take_strand) {
    const std::function<void()> job = std::move(strand_.front());
    strand_.pop_front();
    control_.run(job);
  } else {
    const std::size_t at = random_() % blocking_.size();
    const std::function<void()> job = std::move(blocking_[at]);
    blocking_.erase(blocking_.begin() + static_cast<std::ptrdiff_t>(at));
    job();
  }
  return true;
}

void Scheduler::run() {
  while (run_one()) {
  }
}

void Scheduler::run_for(std::chrono::milliseconds duration) {
  const std::chrono::nanoseconds until = monotonic_ + duration;
  run();
  while (!timers_.empty() && timers_.begin()->first <= until) {
    auto due = timers_.extract(timers_.begin());
    wall_ms_ +=
        std::chrono::duration_cast<std::chrono::milliseconds>(due.key() - monotonic_).count();
    monotonic_ = due.key();
    control_.run(due.mapped());
    run();
  }
  wall_ms_ += std::chrono::duration_cast<std::chrono::milliseconds>(until - monotonic_).count();
  monotonic_ = until;
}

void Scheduler::spawn(Task<void> task) {
  auto held = std::make_shared<Task<void>>(std::move(task));
  control_.post([held] { start(std::move(*held)); });
}

Task<void> Scheduler::sleep(std::chrono::milliseconds duration) {
  platform::Completion<bool> over;
  timers_.emplace(monotonic_ + duration, [&over] { over.set(true); });
  co_await over;
}

void Scheduler::fill(std::span<std::byte> out) {
  for (std::byte& byte : out) byte = static_cast<std::byte>(random_());
}

}  // namespace tarn::sim
