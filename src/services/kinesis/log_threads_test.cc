// The log under real threads: what a single-threaded simulation cannot show. Worth running under a
// thread sanitizer.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <thread>

#include <gtest/gtest.h>

#include "services/kinesis/log.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"

namespace tarn::kinesis {
namespace {

// A pool of threads as Tasks; its coroutines go on on the thread that wakes them.
class Pool final : public platform::Tasks {
 public:
  explicit Pool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { run(); });
    }
  }
  ~Pool() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  platform::Executor& control() override { return unused_.control(); }
  void post_blocking(std::function<void()> job) override {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  sim::Scheduler unused_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

constexpr int kWriters = 4;
constexpr int kRequests = 300;
constexpr std::uint32_t kShards = 3;

class Stress {
 public:
  Stress() : pool_(4), log_(clock_, files_, pool_, options()) {
    for (std::uint32_t i = 0; i < kShards; ++i) {
      auto made = log_.create_shard("/log/s/" + std::to_string(i), {1, i});
      EXPECT_TRUE(made.ok());
      shards_.push_back(made.value());
    }
  }

  // Appends to all shards again and again; each request waits for the one before.
  Task<void> write(int writer) {
    for (int n = 0; n < kRequests; ++n) {
      std::vector<Append> appends(kShards);
      for (std::uint32_t i = 0; i < kShards; ++i) {
        appends[i].shard = shards_[i];
        appends[i].pack.add(std::to_string(writer), std::to_string(n));
      }
      co_await log_.append(appends);
      for (const Append& append : appends) {
        if (append.status.ok()) ++acknowledged_;
      }
    }
    ++ended_;
  }

  // Follows a shard until the writers are done, and checks what it sees.
  void follow(std::uint32_t shard) {
    std::vector<int> next(kWriters, 0);
    ReadRequest request;
    while (true) {
      const bool last = ended_ == kWriters;
      const auto read = shards_[shard]->read(request);
      ASSERT_TRUE(read.ok()) << read.error().message;
      for (const ReadRecord& record : read->records) {
        int& expected = next[std::stoul(std::string(record.partition_key))];
        ASSERT_EQ(std::stoi(std::string(record.data)), expected++)
            << "a writer's records out of order";
      }
      request.from = read->next;
      if (last && read->records.empty()) break;
    }
    for (const int count : next) EXPECT_EQ(count, kRequests);
  }

  void run() {
    std::vector<std::thread> threads;
    for (int writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back([this, writer] { start(write(writer)); });
    }
    for (std::uint32_t shard = 0; shard < kShards; ++shard) {
      threads.emplace_back([this, shard] { follow(shard); });
    }
    for (std::thread& thread : threads) thread.join();
    std::atomic<bool> stopped = false;
    start(log_.stop(), [&] { stopped = true; });
    while (!stopped) std::this_thread::yield();
    EXPECT_EQ(acknowledged_, kWriters * kRequests * static_cast<int>(kShards));
  }

 private:
  static LogOptions options() {
    LogOptions options;
    options.segment_bytes = 10'000;
    options.queue_bytes = 100;
    return options;
  }

  sim::Scheduler clock_;
  sim::FailingFiles files_;
  Pool pool_;
  Log log_;
  std::vector<std::shared_ptr<ShardLog>> shards_;
  std::atomic<int> acknowledged_ = 0;
  std::atomic<int> ended_ = 0;
};

TEST(LogThreads, ReadersFollowWritersInOrder) {
  Stress stress;
  stress.run();
}

}  // namespace
}  // namespace tarn::kinesis
