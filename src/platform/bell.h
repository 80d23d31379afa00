// Bell: wakes one coroutine, again and again; rings that come while it is awake are kept as one.
//
// Place: platform; a subscription waits on one for records, an HTTP/2 connection for something to
// send.
// Threads: ring() from any thread; one coroutine waits at a time and goes on on its own executor.
#pragma once

#include <coroutine>
#include <mutex>
#include <utility>

#include "platform/tasks.h"

namespace tarn::platform {

class Bell {
 public:
  void ring() {
    std::coroutine_handle<> waiter;
    Executor* home = nullptr;
    {
      const std::lock_guard lock(mutex_);
      waiter = std::exchange(waiter_, {});
      rung_ = !waiter;
      home = home_;
    }
    if (!waiter) return;
    if (home == nullptr) {
      waiter.resume();
    } else {
      home->post([waiter] { waiter.resume(); });
    }
  }

  // Ends at once where the bell has rung since the last wait ended.
  struct Awaiter {
    Bell* self;
    [[nodiscard]] bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> handle) const {
      const std::lock_guard lock(self->mutex_);
      if (std::exchange(self->rung_, false)) return false;
      self->home_ = Executor::current();
      self->waiter_ = handle;
      return true;
    }
    void await_resume() const {}
  };
  [[nodiscard]] Awaiter wait() { return Awaiter{this}; }

 private:
  std::mutex mutex_;
  bool rung_ = false;
  std::coroutine_handle<> waiter_;
  Executor* home_ = nullptr;
};

}  // namespace tarn::platform
