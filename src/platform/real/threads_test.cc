#include "platform/real/threads.h"

#include <atomic>
#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "platform/real/clock.h"
#include "platform/real/random.h"

namespace tarn::platform::real {
namespace {

using std::chrono::milliseconds;

ThreadsOptions small(std::size_t blocking_threads = 2, std::size_t blocking_queue = 4) {
  return {.io_threads = 2, .blocking_threads = blocking_threads, .blocking_queue = blocking_queue};
}

Task<Executor*> executor_after_offload(Threads& threads) {
  const auto off = [] {
    return Executor::current() == nullptr;
  };
  const bool off_executors = co_await threads.offload(off);
  EXPECT_TRUE(off_executors);
  co_return Executor::current();
}

TEST(Threads, AnOffloadedCoroutineGoesOnOnItsOwnExecutor) {
  Threads threads(small());
  EXPECT_EQ(run_on(threads.io(1), executor_after_offload(threads)), &threads.io(1));
  EXPECT_EQ(run_on(threads.control(), executor_after_offload(threads)), &threads.control());
}

Task<Executor*> executor_after_hop(Executor& to) {
  co_await resume_on(to);
  co_return Executor::current();
}

TEST(Threads, ResumeOnChangesTheExecutor) {
  Threads threads(small());
  EXPECT_EQ(run_on(threads.control(), executor_after_hop(threads.io(0))), &threads.io(0));
}

TEST(Threads, PostNeverRunsTheJobInsideTheCall) {
  Threads threads(small());
  std::promise<bool> ran_inside;
  threads.control().post([&] {
    auto ran = std::make_shared<bool>(false);
    threads.control().post([ran] { *ran = true; });
    ran_inside.set_value(*ran);
  });
  EXPECT_FALSE(ran_inside.get_future().get());
}

TEST(BlockingPool, AFullQueueMakesTheCallerWaitAndLosesNothing) {
  Threads threads(small(2, 2));
  std::atomic<int> done = 0;
  for (int i = 0; i < 200; ++i) {
    threads.post_blocking([&done] {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      ++done;
    });
  }
  threads.stop();
  EXPECT_EQ(done, 200);
}

TEST(BlockingPool, AJobMayQueueJobsWithoutWaitingForItsOwnKind) {
  BlockingPool pool(1, 1);
  std::promise<void> last;
  pool.post([&] {
    for (int i = 0; i < 10; ++i) pool.post([] {});
    pool.post([&] { last.set_value(); });
  });
  EXPECT_EQ(last.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(BlockingPool, RunsAsManyJobsAtOnceAsItHasThreads) {
  BlockingPool pool(3, 16);
  std::mutex mutex;
  std::condition_variable all_in;
  int inside = 0;
  std::promise<void> met;
  for (int i = 0; i < 3; ++i) {
    pool.post([&] {
      std::unique_lock lock(mutex);
      if (++inside == 3) met.set_value();
      all_in.notify_all();
      all_in.wait(lock, [&] { return inside == 3; });
    });
  }
  EXPECT_EQ(met.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

Task<Executor*> executor_after_sleep(Clock& clock, milliseconds duration) {
  co_await clock.sleep(duration);
  co_return Executor::current();
}

TEST(Clock, SleepLastsAtLeastAsLongAsAskedAndKeepsTheExecutor) {
  Threads threads(small());
  Clock clock(threads);
  const auto before = clock.monotonic();
  EXPECT_EQ(run_on(threads.io(0), executor_after_sleep(clock, milliseconds(30))), &threads.io(0));
  EXPECT_GE(clock.monotonic() - before, milliseconds(30));
}

TEST(Clock, SleepOfAForeignThreadEndsOnTheControlThread) {
  Threads threads(small());
  Clock clock(threads);
  std::promise<Executor*> ended;
  start(executor_after_sleep(clock, milliseconds(1)),
        [&](Executor* executor) { ended.set_value(executor); });
  EXPECT_EQ(ended.get_future().get(), &threads.control());
}

TEST(Random, GivesDifferentValuesAndFillsLargeBuffers) {
  Random random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(random.next());
  EXPECT_EQ(seen.size(), 2000U);
  std::vector<std::byte> large(100'000);
  random.fill(large);
  EXPECT_GT(std::set<std::byte>(large.begin(), large.end()).size(), 250U);
}

}  // namespace
}  // namespace tarn::platform::real
