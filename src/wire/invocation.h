// Invocation: the call of an action's handler, whatever it takes and answers.
//
// Place: wire; made by the tables of gateway/service.h. Threads: that of who runs it.
#pragma once

#include <coroutine>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "wire/schema.h"

namespace tarn::wire {

// A handler's call before it begins, whatever it answers: several hundred actions share the one
// coroutine that awaits it and need two short functions each.
class Invocation {
 public:
  template <class Output>
  Invocation(Task<Result<Output>> handler, const Schema* output) : schema_(output) {
    const auto frame = std::move(handler).release();
    frame_ = frame;
    promise_ = &frame.promise();
    outcome_ = [](std::coroutine_handle<> ended) -> Outcome {
      Result<Output>& result =
          Task<Result<Output>>::Handle::from_address(ended.address()).promise().result();
      if (!result.ok()) return {nullptr, &result.error()};
      return {&*result, nullptr};
    };
  }
  Invocation(Invocation&& other) noexcept
      : frame_(std::exchange(other.frame_, {})),
        promise_(other.promise_),
        outcome_(other.outcome_),
        schema_(other.schema_) {}
  Invocation& operator=(Invocation&&) = delete;
  ~Invocation() {
    if (frame_) frame_.destroy();
  }

  // Runs it. The answer stands where its handler returned it and keeps the handler's frame.
  static Task<Result<AnyShape>> run(Invocation call);

 private:
  struct Outcome {
    void* output;
    Error* error;  // nullptr: there is an output
  };
  struct Awaiter;

  std::coroutine_handle<> frame_;
  task_detail::PromiseBase* promise_;
  Outcome (*outcome_)(std::coroutine_handle<> ended);  // throws what escaped the handler
  const Schema* schema_;
};

}  // namespace tarn::wire
