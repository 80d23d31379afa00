#include "services/iam/policy/ip_range.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <arpa/inet.h>

namespace tarn::iam::policy {
namespace {

struct Address {
  std::array<unsigned char, 16> bytes{};
  bool is_v6 = false;
};

// inet_pton only reads text: it asks no resolver.
std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  Address out;
  if (inet_pton(AF_INET, terminated.c_str(), out.bytes.data()) == 1) return out;
  if (inet_pton(AF_INET6, terminated.c_str(), out.bytes.data()) != 1) return std::nullopt;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), out.bytes.begin())) {
    std::rotate(out.bytes.begin(), out.bytes.begin() + 12, out.bytes.end());
    return out;
  }
  out.is_v6 = true;
  return out;
}

}  // namespace

std::optional<IpRange> IpRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpRange out;
  out.bytes_ = address->bytes;
  out.is_v6_ = address->is_v6;
  const unsigned most = out.is_v6_ ? 128 : 32;
  out.prefix_bits_ = most;
  if (slash == std::string_view::npos) return out;
  const std::string_view bits = text.substr(slash + 1);
  const auto [end, failure] =
      std::from_chars(bits.data(), bits.data() + bits.size(), out.prefix_bits_);
  if (failure != std::errc() || end != bits.data() + bits.size() || out.prefix_bits_ > most)
    return std::nullopt;
  return out;
}

bool IpRange::contains(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed || parsed->is_v6 != is_v6_) return false;
  const unsigned whole = prefix_bits_ / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, parsed->bytes.begin())) return false;
  const unsigned rest = prefix_bits_ % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xffU << (8 - rest) & 0xffU;
  return (bytes_[whole] & mask) == (parsed->bytes[whole] & mask);
}

}  // namespace tarn::iam::policy
