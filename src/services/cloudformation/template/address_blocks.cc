#include "services/cloudformation/template/address_blocks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

__extension__ using Address = unsigned __int128;

constexpr int kMostBlocks = 256;

struct Block {
  Address first = 0;
  int prefix = 0;
  int width = 32;  // bits of an address
};

std::optional<int> number(std::string_view text) {
  int out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<Block> parse_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const std::string address(text.substr(0, slash));
  const std::optional<int> prefix = number(text.substr(slash + 1));
  Block block;
  std::array<unsigned char, 16> bytes{};
  const bool is_v6 = address.find(':') != std::string::npos;
  if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1)
    return std::nullopt;
  block.width = is_v6 ? 128 : 32;
  if (!prefix || *prefix < 0 || *prefix > block.width) return std::nullopt;
  block.prefix = *prefix;
  for (int i = 0; i < block.width / 8; ++i) block.first = block.first << 8 | bytes[i];
  // What lies beyond the prefix does not count.
  const int host_bits = block.width - block.prefix;
  if (host_bits == 128) {
    block.first = 0;
  } else {
    block.first = block.first >> host_bits << host_bits;
  }
  return block;
}

std::string text_of(Address address, int width) {
  std::array<unsigned char, 16> bytes{};
  for (int i = width / 8 - 1; i >= 0; --i, address >>= 8)
    bytes[i] = static_cast<unsigned char>(address & 0xff);
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(width == 128 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size());
  return out.data();
}

tarn::Error refused(std::string_view why) {
  return {"ValidationError", fmt::format("Template error: Fn::Cidr {}", why), 400};
}

}  // namespace

Result<std::vector<std::string>> divide_block(std::string_view block, std::string_view count,
                                              std::string_view bits) {
  const std::optional<Block> whole = parse_block(block);
  if (!whole) return refused(fmt::format("needs a block of addresses, not '{}'", block));
  const std::optional<int> wanted = number(count);
  if (!wanted || *wanted < 1 || *wanted > kMostBlocks)
    return refused(fmt::format("gives 1 to {} blocks, not '{}'", kMostBlocks, count));
  const int usual = whole->width == 128 ? 64 : 8;
  const std::optional<int> host_bits = bits.empty() ? usual : number(bits);
  if (!host_bits || *host_bits < 1 || *host_bits > whole->width - whole->prefix)
    return refused(fmt::format("cannot leave '{}' bits for hosts in {}", bits, block));
  const int free_bits = whole->width - whole->prefix - *host_bits;
  if (free_bits < 9 && *wanted > 1 << free_bits) {
    return refused(fmt::format("cannot give {} blocks of {} bits in {}: it has {}", *wanted,
                               *host_bits, block, 1 << free_bits));
  }
  std::vector<std::string> out;
  for (int i = 0; i < *wanted; ++i) {
    const Address first = whole->first + (static_cast<Address>(i) << *host_bits);
    out.push_back(fmt::format("{}/{}", text_of(first, whole->width), whole->width - *host_bits));
  }
  return out;
}

}  // namespace tarn::cloudformation
