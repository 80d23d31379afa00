#include "wire/md5.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tarn::wire {
namespace {

static_assert(std::endian::native == std::endian::little, "words are read as they lie");

constexpr std::size_t kLanes = 4;
constexpr std::size_t kMd5BlockBytes = 64;
constexpr std::size_t kWords = 16;        // of a block
constexpr std::size_t kPaddedBytes = 56;  // of the last block; the length follows
constexpr std::array<std::uint32_t, 4> kInitial = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

// Four words side by side, as g++ and clang do arithmetic on them.
using Lanes = std::uint32_t __attribute__((vector_size(kLanes * sizeof(std::uint32_t))));

// The table T of RFC 1321 section 3.4: floor(2^32 * abs(sin(i + 1))).
constexpr std::array<std::uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

// What a clone for another processor calls must be compiled with it, hence always in line.
#define TARN_IN_LINE [[gnu::always_inline]] inline

template <int kBits, class Word>
TARN_IN_LINE Word rotated(Word value) {
  return (value << kBits) | (value >> (32 - kBits));
}

// Round and place of a step say which function, word and rotation it has (section 3.4).
template <int kStep, class Word>
TARN_IN_LINE void step(Word& a, const Word& b, const Word& c, const Word& d, const Word* words) {
  constexpr int kRound = kStep / 16;
  constexpr int kRotations[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  constexpr int kFactors[4] = {1, 5, 3, 7};
  constexpr int kOffsets[4] = {0, 1, 5, 0};
  constexpr int kWord = (kFactors[kRound] * kStep + kOffsets[kRound]) % 16;
  // Without `b`, which comes last: all of this is done before it is there.
  a += words[kWord] + kSines[kStep];
  if constexpr (kRound == 0) a += (b & c) | (~b & d);
  // Both halves have no bit in common, so they can be added one by one.
  if constexpr (kRound == 1) a += (~d & c), a += (d & b);
  if constexpr (kRound == 2) a += b ^ c ^ d;
  if constexpr (kRound == 3) a += c ^ (b | ~d);
  a = rotated<kRotations[kRound][kStep % 4]>(a) + b;
}

template <int kStep, class Word>
TARN_IN_LINE void steps(Word& a, Word& b, Word& c, Word& d, const Word* words) {
  step<kStep>(a, b, c, d, words);
  step<kStep + 1>(d, a, b, c, words);
  step<kStep + 2>(c, d, a, b, words);
  step<kStep + 3>(b, c, d, a, words);
  if constexpr (kStep + 4 < 64) steps<kStep + 4>(a, b, c, d, words);
}

template <class Word>
TARN_IN_LINE void compress(Word* state, const Word* words) {
  Word a = state[0];
  Word b = state[1];
  Word c = state[2];
  Word d = state[3];
  steps<0>(a, b, c, d, words);
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

void compress_blocks(std::uint32_t* state, const char* data, std::size_t blocks) {
  std::uint32_t words[kWords];
  for (; blocks > 0; --blocks, data += kMd5BlockBytes) {
    std::memcpy(words, data, kMd5BlockBytes);
    compress(state, words);
  }
}

// Four words of each lane become four vectors of one word each.
TARN_IN_LINE void transpose(const std::array<const char*, kLanes>& from, std::size_t offset,
                            Lanes* out) {
  Lanes rows[kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    std::memcpy(&rows[lane], from[lane] + offset, sizeof(Lanes));
  const Lanes low01 = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
  const Lanes high01 = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
  const Lanes low23 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
  const Lanes high23 = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
  out[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  out[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  out[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  out[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

// `blocks` of each lane. AVX-512 rotates and joins three operands in one instruction.
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"))) void compress_lanes(
    Lanes* state, std::array<const char*, kLanes> data, std::size_t blocks) {
  Lanes words[kWords];
  for (; blocks > 0; --blocks) {
    for (std::size_t row = 0; row < kWords; row += kLanes)
      transpose(data, row * sizeof(std::uint32_t), words + row);
    compress(state, words);
    for (const char*& lane : data) lane += kMd5BlockBytes;
  }
}

}  // namespace

// Without the bookkeeping of a stream: partition keys are hashed by the hundred thousand a second.
std::array<std::uint8_t, kMd5Bytes> md5(std::string_view text) {
  std::array<std::uint32_t, 4> state = kInitial;
  const std::uint64_t bits = text.size() * 8;
  const std::size_t blocks = text.size() / kMd5BlockBytes;
  compress_blocks(state.data(), text.data(), blocks);
  text.remove_prefix(blocks * kMd5BlockBytes);
  std::array<char, 2 * kMd5BlockBytes> tail{};
  std::copy(text.begin(), text.end(), tail.begin());
  tail[text.size()] = '\x80';
  const std::size_t padded = text.size() < kPaddedBytes ? 1 : 2;
  std::memcpy(tail.data() + padded * kMd5BlockBytes - sizeof(bits), &bits, sizeof(bits));
  compress_blocks(state.data(), tail.data(), padded);
  std::array<std::uint8_t, kMd5Bytes> digest;
  std::memcpy(digest.data(), state.data(), digest.size());
  return digest;
}

void Md5::update(std::string_view data) {
  data = fill_block(data);
  const std::size_t blocks = data.size() / kBlockBytes;
  compress_blocks(state_.data(), data.data(), blocks);
  length_ += blocks * kBlockBytes;
  keep_rest(data.substr(blocks * kBlockBytes));
}

std::string_view Md5::fill_block(std::string_view data) {
  const std::size_t held = length_ % kBlockBytes;
  if (held == 0) return data;
  const std::size_t taken = std::min(kBlockBytes - held, data.size());
  std::memcpy(block_.data() + held, data.data(), taken);
  length_ += taken;
  if (held + taken == kBlockBytes) compress_blocks(state_.data(), block_.data(), 1);
  return data.substr(taken);
}

// Only at the start of a block, of less than one.
void Md5::keep_rest(std::string_view data) {
  if (data.empty()) return;
  std::memcpy(block_.data(), data.data(), data.size());
  length_ += data.size();
}

std::string Md5::digest() const {
  Md5 last = *this;
  const std::uint64_t bits = length_ * 8;
  static constexpr std::array<char, kBlockBytes> kPadding = {'\x80'};
  const std::size_t held = length_ % kBlockBytes;
  const std::size_t padded = kPaddedBytes + (held < kPaddedBytes ? 0 : kBlockBytes) - held;
  last.update({kPadding.data(), padded});
  std::array<char, 8> length{};
  std::memcpy(length.data(), &bits, length.size());
  last.update({length.data(), length.size()});
  std::string out(kMd5Bytes, '\0');
  std::memcpy(out.data(), last.state_.data(), out.size());
  return out;
}

void Md5::update_together(std::span<Addition> additions) {
  while (additions.size() > 1) {
    const std::size_t count = std::min(kLanes, additions.size());
    update_four(additions.first(count));
    additions = additions.subspan(count);
  }
  if (!additions.empty()) additions.front().stream->update(additions.front().data);
}

// One to four streams: in lanes as far as all of them go, then one by one. A lane without a stream
// repeats the first one's data.
void Md5::update_four(std::span<Addition> additions) {
  std::size_t blocks = SIZE_MAX;
  for (Addition& each : additions) {
    each.data = each.stream->fill_block(each.data);
    blocks = std::min(blocks, each.data.size() / kBlockBytes);
  }
  std::array<const char*, kLanes> data{};
  Lanes state[4] = {};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const Addition& from = additions[lane < additions.size() ? lane : 0];
    data[lane] = from.data.data();
    for (std::size_t word = 0; word < 4; ++word) state[word][lane] = from.stream->state_[word];
  }
  compress_lanes(state, data, blocks);
  for (std::size_t lane = 0; lane < additions.size(); ++lane) {
    Md5& stream = *additions[lane].stream;
    for (std::size_t word = 0; word < 4; ++word) stream.state_[word] = state[word][lane];
    stream.length_ += blocks * kBlockBytes;
    stream.update(additions[lane].data.substr(blocks * kBlockBytes));
  }
}

}  // namespace tarn::wire
