// ByteGate: bounds the bytes that wait for the disk; who comes when it is full waits in turn.
//
// Place: kinesis, log. Threads: safe from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "base/task.h"
#include "platform/tasks.h"

namespace tarn::kinesis {

class ByteGate {
 public:
  explicit ByteGate(std::size_t limit) : limit_(limit) {}

  // Takes `bytes` where that needs no waiting.
  [[nodiscard]] bool try_acquire(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty() || !fits(bytes)) return false;
    used_ += bytes;
    return true;
  }

  // Takes `bytes`, waiting in turn. One that is larger than the limit passes alone.
  [[nodiscard]] Task<void> acquire(std::size_t bytes) {
    Waiter waiter{bytes, {}};
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty() && fits(bytes)) {
        used_ += bytes;
        co_return;
      }
      waiting_.push_back(&waiter);
    }
    co_await waiter.passed;
  }

  void release(std::size_t bytes) {
    std::vector<Waiter*> passing;
    {
      const std::lock_guard lock(mutex_);
      used_ -= bytes;
      while (!waiting_.empty() && fits(waiting_.front()->bytes)) {
        used_ += waiting_.front()->bytes;
        passing.push_back(waiting_.front());
        waiting_.pop_front();
      }
    }
    for (Waiter* const waiter : passing) waiter->passed.set(true);
  }

 private:
  struct Waiter {
    std::size_t bytes;
    platform::Completion<bool> passed;
  };

  [[nodiscard]] bool fits(std::size_t bytes) const { return used_ == 0 || used_ + bytes <= limit_; }

  const std::size_t limit_;
  std::mutex mutex_;
  std::size_t used_ = 0;
  std::deque<Waiter*> waiting_;
};

}  // namespace tarn::kinesis
