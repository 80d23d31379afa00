#include "services/kinesis/hash_key.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tarn::kinesis {

namespace {

// floor(2^32 * |sin(i + 1)|), RFC 1321 section 3.4.
constexpr std::array<std::uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr std::array<std::array<int, 4>, 4> kShifts = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

using State = std::array<std::uint32_t, 4>;

// One round of 16 steps; `Mix` is its nonlinear function, `Step` and `From` say which word each
// step takes.
template <int Round, int Step, int From, class Mix>
inline void md5_round(State& s, const std::array<std::uint32_t, 16>& words, Mix mix) {
  for (unsigned i = 0; i < 16; ++i) {
    const std::uint32_t sum =
        s[0] + mix(s[1], s[2], s[3]) + kSines[Round * 16 + i] + words[(Step * i + From) % 16];
    s = {s[3], s[1] + std::rotl(sum, kShifts[Round][i % 4]), s[1], s[2]};
  }
}

void md5_block(State& state, const char* block) {
  std::array<std::uint32_t, 16> words;
  std::memcpy(words.data(), block, 64);
  State s = state;
  using U = std::uint32_t;
  md5_round<0, 1, 0>(s, words, [](U b, U c, U d) { return d ^ (b & (c ^ d)); });
  md5_round<1, 5, 1>(s, words, [](U b, U c, U d) { return c ^ (d & (b ^ c)); });
  md5_round<2, 3, 5>(s, words, [](U b, U c, U d) { return b ^ c ^ d; });
  md5_round<3, 7, 0>(s, words, [](U b, U c, U d) { return c ^ (b | ~d); });
  for (unsigned i = 0; i < 4; ++i) state[i] += s[i];
}

}  // namespace

std::array<std::uint8_t, 16> md5(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const std::uint64_t bits = text.size() * 8;
  for (; text.size() >= 64; text.remove_prefix(64)) md5_block(state, text.data());
  std::array<char, 128> tail{};
  std::copy(text.begin(), text.end(), tail.begin());
  tail[text.size()] = static_cast<char>(0x80);
  const std::size_t length = text.size() < 56 ? 64 : 128;
  std::memcpy(tail.data() + length - 8, &bits, 8);
  md5_block(state, tail.data());
  if (length == 128) md5_block(state, tail.data() + 64);
  std::array<std::uint8_t, 16> digest;
  std::memcpy(digest.data(), state.data(), digest.size());
  return digest;
}

HashKey hash_partition_key(std::string_view partition_key) {
  HashKey key = 0;
  for (const std::uint8_t byte : md5(partition_key)) key = key << 8 | byte;
  return key;
}

std::string format_hash_key(HashKey key) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(key % 10)));
    key /= 10;
  } while (key != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<HashKey> parse_hash_key(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  HashKey key = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<unsigned>(c - '0');
    if (key > (kLastHashKey - digit) / 10) return std::nullopt;
    key = key * 10 + digit;
  }
  return key;
}

}  // namespace tarn::kinesis
