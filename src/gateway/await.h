// Waits for one Asio operation in a Task. Internal to the gateway.
#pragma once

#include <coroutine>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

namespace tarn::gateway {

struct Outcome {
  boost::system::error_code error;
  std::size_t size = 0;
};

// `begin(handler)` starts the operation; the handler is called with (error) or (error, size).
template <class Begin>
class AsioOperation {
 public:
  explicit AsioOperation(Begin begin) : begin_(std::move(begin)) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    begin_([this, waiting](boost::system::error_code error, std::size_t size = 0) {
      outcome_ = {error, size};
      waiting.resume();
    });
  }
  Outcome await_resume() const { return outcome_; }

 private:
  Begin begin_;
  Outcome outcome_;
};

}  // namespace tarn::gateway
