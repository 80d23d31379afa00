// Random: the only source of chance.
//
// Place: platform; the real one is the operating system's generator, fit for keys; sim's follows a
// seed. Threads: safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tarn::platform {

class Random {
 public:
  virtual ~Random() = default;

  virtual void fill(std::span<std::byte> out) = 0;
  [[nodiscard]] virtual std::uint64_t next() = 0;

  [[nodiscard]] std::string bytes(std::size_t count);
  // `length` characters drawn evenly from `alphabet`.
  [[nodiscard]] std::string text(std::size_t length, std::string_view alphabet);
  // A version 4 UUID, lower case (RFC 9562 section 5.4).
  [[nodiscard]] std::string uuid();
};

}  // namespace tarn::platform
