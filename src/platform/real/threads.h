// Threads: the real executors, one I/O thread per core, one thread for the control plane, and a
// bounded pool for work that blocks.
//
// Place: platform/real; made once by src/tarn. The gateway takes the I/O threads' io_contexts for
// its sockets. Threads: everything is safe from any thread, but the constructor, stop() and the
// destructor, which belong to the thread that owns the program's life.
//
// An io_context is run by exactly one thread, so handlers of one I/O thread never overlap.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "platform/tasks.h"

namespace tarn::platform::real {

// One thread that runs one io_context until stopped.
class IoThread final : public Executor {
 public:
  explicit IoThread(std::string name);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;
  ~IoThread() override;

  void post(std::function<void()> job) override;
  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  // The I/O thread that calls; nullptr on any other thread.
  [[nodiscard]] static IoThread* current();

  // Ends after the handler that runs now; what waits is never resumed. Not from its own thread.
  void stop();

 private:
  void run(const std::string& name);

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

// Threads for work that blocks, started as they are needed and kept.
class BlockingPool {
 public:
  BlockingPool(std::size_t threads, std::size_t queue_limit);
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  ~BlockingPool();

  // Waits while the queue is full, except on a thread of the pool itself, which must not wait for
  // its own kind. After stop() the job is dropped.
  void post(std::function<void()> job);
  // Runs what is queued, then ends the threads.
  void stop();

 private:
  void run();
  [[nodiscard]] bool on_own_thread() const;  // with mutex_ held

  const std::size_t limit_;
  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

struct ThreadsOptions {
  std::size_t io_threads = 0;  // 0: one per core
  std::size_t blocking_threads = 16;
  std::size_t blocking_queue = 4096;
};

class Threads final : public Tasks {
 public:
  explicit Threads(ThreadsOptions options = {});
  ~Threads() override;

  [[nodiscard]] Executor& control() override { return control_; }
  void post_blocking(std::function<void()> job) override { pool_.post(std::move(job)); }

  [[nodiscard]] std::size_t io_count() const { return io_.size(); }
  [[nodiscard]] IoThread& io(std::size_t index) { return *io_[index]; }
  [[nodiscard]] IoThread& control_thread() { return control_; }

  // Finishes the blocking work, then ends every thread. Coroutines that still wait never go on.
  void stop();

 private:
  IoThread control_;
  std::vector<std::unique_ptr<IoThread>> io_;
  BlockingPool pool_;
};

// Runs `task` on `executor` and blocks the calling thread, which must not be the executor's, for
// its result.
template <class T>
T run_on(Executor& executor, Task<T> task) {
  std::promise<T> promise;
  auto future = promise.get_future();
  executor.post([&promise, &task] {
    if constexpr (std::is_void_v<T>) {
      start(std::move(task), [&promise] { promise.set_value(); });
    } else {
      start(std::move(task), [&promise](T result) { promise.set_value(std::move(result)); });
    }
  });
  return future.get();
}

}  // namespace tarn::platform::real
