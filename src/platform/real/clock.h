// Clock: the machine's.
//
// Place: platform/real. Threads: safe from any thread.
#pragma once

#include "platform/clock.h"
#include "platform/real/threads.h"

namespace tarn::platform::real {

class Clock final : public platform::Clock {
 public:
  // Sleepers that belong to no I/O thread go on on the control thread of `threads`.
  explicit Clock(Threads& threads) : threads_(threads) {}

  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override;
  [[nodiscard]] Task<void> sleep(std::chrono::milliseconds duration) override;

 private:
  Threads& threads_;
};

}  // namespace tarn::platform::real
