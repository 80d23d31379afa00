// Scheduler: one thread, virtual time and one seed: the same seed gives the same run.
//
// Place: sim; stands in for platform's Clock, Tasks and Random. Jobs of the control strand run in
// their order; jobs of the blocking pool run one at a time in an order drawn from the seed, between
// any two of the strand. Threads: everything on the thread that calls run().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include "platform/clock.h"
#include "platform/random.h"
#include "platform/tasks.h"

namespace tarn::sim {

class Scheduler final : public platform::Clock, public platform::Tasks, public platform::Random {
 public:
  explicit Scheduler(std::uint64_t seed = 1) : control_(*this), random_(seed) {}

  // Runs jobs until there are none; timers fire (and time moves) only through run_for.
  void run();
  // Lets `duration` pass, running what falls due.
  void run_for(std::chrono::milliseconds duration);
  // Starts `task` on the control strand.
  void spawn(Task<void> task);
  // Steps the wall clock, as an operator or NTP would.
  void step_wall_clock(std::chrono::milliseconds by) { wall_ms_ += by.count(); }

  [[nodiscard]] Timestamp now() const override { return {wall_ms_}; }
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return monotonic_; }
  [[nodiscard]] Task<void> sleep(std::chrono::milliseconds duration) override;

  [[nodiscard]] platform::Executor& control() override { return control_; }
  void post_blocking(std::function<void()> job) override { blocking_.push_back(std::move(job)); }

  void fill(std::span<std::byte> out) override;
  [[nodiscard]] std::uint64_t next() override { return random_(); }

 private:
  class Strand final : public platform::Executor {
   public:
    explicit Strand(Scheduler& owner) : owner_(owner) {}
    void post(std::function<void()> job) override { owner_.strand_.push_back(std::move(job)); }
    void run(const std::function<void()>& job) {
      const Scope scope(this);
      job();
    }

   private:
    Scheduler& owner_;
  };

  bool run_one();

  Strand control_;
  std::mt19937_64 random_;
  std::deque<std::function<void()>> strand_;
  std::vector<std::function<void()>> blocking_;
  std::multimap<std::chrono::nanoseconds, std::function<void()>> timers_;
  std::int64_t wall_ms_ = 1'700'000'000'000;
  std::chrono::nanoseconds monotonic_{0};
};

}  // namespace tarn::sim
