// Turnstile: coroutines of one strand pass one at a time, in the order in which they came.
//
// Place: kinesis; guards read-change-commit of the catalog across the wait for the disk.
// Threads: the control strand alone.
#pragma once

#include <coroutine>
#include <deque>
#include <utility>

namespace tarn::kinesis {

class Turnstile {
 public:
  // Ends the turn when it goes; the next waiter goes on at once.
  class Turn {
   public:
    explicit Turn(Turnstile* turnstile) : turnstile_(turnstile) {}
    Turn(Turn&& other) noexcept : turnstile_(std::exchange(other.turnstile_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (turnstile_ != nullptr) turnstile_->leave();
    }

   private:
    Turnstile* turnstile_;
  };

  struct Awaiter {
    Turnstile* self;
    [[nodiscard]] bool await_ready() const { return !std::exchange(self->taken_, true); }
    void await_suspend(std::coroutine_handle<> handle) const { self->waiting_.push_back(handle); }
    [[nodiscard]] Turn await_resume() const { return Turn(self); }
  };
  [[nodiscard]] Awaiter take() { return Awaiter{this}; }

 private:
  void leave() {
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    const std::coroutine_handle<> next = waiting_.front();
    waiting_.pop_front();
    next.resume();
  }

  bool taken_ = false;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace tarn::kinesis
