// Random: the operating system's generator, read ahead so that ids do not cost a system call each.
//
// Place: platform/real. Threads: safe from any thread.
#pragma once

#include <array>
#include <mutex>

#include "platform/random.h"

namespace tarn::platform::real {

class Random final : public platform::Random {
 public:
  void fill(std::span<std::byte> out) override;
  [[nodiscard]] std::uint64_t next() override;

 private:
  std::mutex mutex_;
  std::array<std::byte, 4096> ahead_{};
  std::size_t used_ = sizeof(ahead_);
};

}  // namespace tarn::platform::real
