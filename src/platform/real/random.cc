#include "platform/real/random.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/random.h>

namespace tarn::platform::real {

namespace {

// getrandom(2) cannot fail here but by a signal; without randomness no key or id may be given out.
void read_random(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

void Random::fill(std::span<std::byte> out) {
  if (out.size() > 256) return read_random(out);
  const std::lock_guard lock(mutex_);
  if (ahead_.size() - used_ < out.size()) {
    read_random(ahead_);
    used_ = 0;
  }
  std::memcpy(out.data(), ahead_.data() + used_, out.size());
  // What was given out is not kept.
  std::memset(ahead_.data() + used_, 0, out.size());
  used_ += out.size();
}

std::uint64_t Random::next() {
  std::uint64_t value = 0;
  fill(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

}  // namespace tarn::platform::real
