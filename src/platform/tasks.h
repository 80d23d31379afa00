// Executors and Tasks: where coroutines run.
//
// Place: platform. The real ones (platform/real/threads.h) are one I/O thread per core and a
// bounded pool for blocking work; sim's run everything on one thread in virtual time. Threads:
// everything here is safe from any thread.
//
// Rule: a coroutine that waits on a platform awaitable goes on on the executor on which it began to
// wait.
#pragma once

#include <coroutine>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "base/task.h"

namespace tarn::platform {

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs `job` later on this executor's thread. Never runs it inside the call.
  virtual void post(std::function<void()> job) = 0;

  // The executor whose thread this is; nullptr on a thread of the blocking pool or a foreign one.
  [[nodiscard]] static Executor* current();

 protected:
  // Set by an executor while it runs its jobs.
  class Scope {
   public:
    explicit Scope(Executor* executor);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Executor* before_;
  };
};

// A value that is set once, from any thread, and awaited once. The awaiter goes on on its own
// executor (or, where it has none, on the thread that sets the value).
template <class T>
class Completion {
 public:
  void set(T value) {
    std::coroutine_handle<> waiter;
    Executor* home = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (value_) return;
      value_.emplace(std::move(value));
      waiter = std::exchange(waiter_, {});
      home = home_;
    }
    resume(waiter, home);
  }

  [[nodiscard]] bool is_set() const {
    const std::lock_guard lock(mutex_);
    return value_.has_value();
  }

  struct Awaiter {
    Completion* self;
    [[nodiscard]] bool await_ready() const { return self->is_set(); }
    bool await_suspend(std::coroutine_handle<> handle) {
      const std::lock_guard lock(self->mutex_);
      if (self->value_) return false;
      self->home_ = Executor::current();
      self->waiter_ = handle;
      return true;
    }
    T await_resume() { return std::move(*self->value_); }
  };
  Awaiter operator co_await() { return Awaiter{this}; }

 private:
  static void resume(std::coroutine_handle<> waiter, Executor* home) {
    if (!waiter) return;
    if (home == nullptr) {
      waiter.resume();
    } else {
      home->post([waiter] { waiter.resume(); });
    }
  }

  mutable std::mutex mutex_;
  std::optional<T> value_;
  std::coroutine_handle<> waiter_;
  Executor* home_ = nullptr;
};

class Tasks {
 public:
  virtual ~Tasks() = default;

  // The strand of the control plane: its coroutines run one after another, in a deterministic
  // order.
  [[nodiscard]] virtual Executor& control() = 0;

  // Queues `job` for the pool of threads that may block. The queue is bounded: a full one blocks
  // the caller.
  virtual void post_blocking(std::function<void()> job) = 0;

  // Runs `work()` on the blocking pool and gives its result back on the awaiting executor.
  template <class F>
  Task<std::invoke_result_t<F>> offload(F work) {
    using R = std::invoke_result_t<F>;
    if constexpr (std::is_void_v<R>) {
      Completion<bool> done;
      post_blocking([&] {
        work();
        done.set(true);
      });
      co_await done;
    } else {
      Completion<R> done;
      post_blocking([&] { done.set(work()); });
      co_return co_await done;
    }
  }
};

// Goes on on `executor`; at once when already there.
struct ResumeOn {
  Executor* executor;
  [[nodiscard]] bool await_ready() const { return Executor::current() == executor; }
  void await_suspend(std::coroutine_handle<> handle) const {
    executor->post([handle] { handle.resume(); });
  }
  void await_resume() const {}
};

inline ResumeOn resume_on(Executor& executor) {
  return ResumeOn{&executor};
}

}  // namespace tarn::platform
