#include "platform/random.h"

#include <array>

namespace tarn::platform {

std::string Random::bytes(std::size_t count) {
  std::string out(count, '\0');
  fill(std::as_writable_bytes(std::span(out)));
  return out;
}

std::string Random::text(std::size_t length, std::string_view alphabet) {
  std::string out;
  out.reserve(length);
  // Values at or above the largest multiple of the alphabet's size are drawn again, so that no
  // character is favoured.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % alphabet.size();
  while (out.size() < length) {
    const std::uint64_t draw = next();
    if (draw < limit) out.push_back(alphabet[draw % alphabet.size()]);
  }
  return out;
}

std::string Random::uuid() {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::array<std::byte, 16> bytes{};
  fill(bytes);
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHex[std::to_integer<unsigned>(bytes[i] >> 4)]);
    out.push_back(kHex[std::to_integer<unsigned>(bytes[i] & std::byte{0x0f})]);
  }
  return out;
}

}  // namespace tarn::platform
