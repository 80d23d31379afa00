// Clock: the only source of time.
//
// Place: platform; the real one stands in platform/real, a virtual one in sim.
// Threads: safe from any thread.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

#include "base/task.h"

namespace tarn {

// Wall-clock time as AWS services tell it: milliseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t ms = 0;

  [[nodiscard]] std::int64_t seconds() const { return ms / 1000; }
  auto operator<=>(const Timestamp&) const = default;
};

inline Timestamp operator+(Timestamp t, std::chrono::milliseconds d) {
  return {t.ms + d.count()};
}
inline Timestamp operator-(Timestamp t, std::chrono::milliseconds d) {
  return {t.ms - d.count()};
}

}  // namespace tarn

namespace tarn::platform {

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time; may step.
  [[nodiscard]] virtual Timestamp now() const = 0;
  // Time since some fixed point, in nanoseconds; never goes back.
  [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
  // Ends after `duration`, on the executor on which it was awaited.
  [[nodiscard]] virtual Task<void> sleep(std::chrono::milliseconds duration) = 0;
};

}  // namespace tarn::platform
