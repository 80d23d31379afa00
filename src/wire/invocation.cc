#include "wire/invocation.h"

#include <memory>

namespace tarn::wire {

struct Invocation::Awaiter {
  Invocation& call;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
    call.promise_->continuation = awaiting;
    return call.frame_;
  }
  void await_resume() const noexcept {}
};

Task<Result<AnyShape>> Invocation::run(Invocation call) {
  Awaiter end{call};
  co_await end;
  const Outcome outcome = call.outcome_(call.frame_);
  if (outcome.error != nullptr) co_return std::move(*outcome.error);
  const std::shared_ptr<void> frame(std::exchange(call.frame_, {}).address(), [](void* address) {
    std::coroutine_handle<>::from_address(address).destroy();
  });
  AnyShape shape{std::shared_ptr<void>(frame, outcome.output), call.schema_};
  co_return shape;
}

}  // namespace tarn::wire
