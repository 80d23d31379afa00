#include "services/ec2/cidr.h"

#include <charconv>

#include <fmt/format.h>

namespace tarn::ec2 {
namespace {

// The number before `end` or the end of the text, taken off it; -1 where there is none up to
// `most`.
int take_number(std::string_view& text, char end, int most) {
  const std::size_t at = text.find(end);
  const std::string_view digits = text.substr(0, at);
  int out = -1;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return whole && out >= 0 && out <= most ? out : -1;
}

std::uint32_t mask_of(int bits) {
  return bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
}

}  // namespace

Result<Cidr> Cidr::parse(std::string_view text, std::string_view parameter) {
  const Error invalid(
      "InvalidParameterValue",
      fmt::format("Value ({}) for parameter {} is invalid. This is not a valid CIDR "
                  "block.",
                  text, parameter));
  std::string_view rest = text;
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const int number = take_number(rest, part < 3 ? '.' : '/', 255);
    if (number < 0) return invalid;
    address = (address << 8) | static_cast<std::uint32_t>(number);
  }
  const int bits = take_number(rest, '\0', 32);
  if (bits < 0) return invalid;
  return Cidr{address & mask_of(bits), bits};
}

bool Cidr::contains(const Cidr& other) const {
  return other.bits >= bits && (other.first & mask_of(bits)) == first;
}

std::string Cidr::text() const {
  return fmt::format("{}/{}", address_text(first), bits);
}

std::string address_text(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, (address >> 16) & 255, (address >> 8) & 255,
                     address & 255);
}

}  // namespace tarn::ec2
