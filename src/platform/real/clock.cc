#include "platform/real/clock.h"

#include <coroutine>

#include <boost/asio/steady_timer.hpp>

namespace tarn::platform::real {

namespace {

// Waits for a timer that lives in the waiting coroutine's own frame.
struct TimerEnd {
  boost::asio::steady_timer& timer;
  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    timer.async_wait([handle](const boost::system::error_code&) { handle.resume(); });
  }
  void await_resume() const {}
};

}  // namespace

Timestamp Clock::now() const {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<milliseconds>(since_epoch).count()};
}

std::chrono::nanoseconds Clock::monotonic() const {
  return std::chrono::steady_clock::now().time_since_epoch();
}

Task<void> Clock::sleep(std::chrono::milliseconds duration) {
  if (IoThread::current() == nullptr) co_await resume_on(threads_.control());
  boost::asio::steady_timer timer(IoThread::current()->context(), duration);
  co_await TimerEnd{timer};
}

}  // namespace tarn::platform::real
