// base64, sixteen characters at a time where the data are long enough.
//
// The vector steps are those that W. Muła and D. Lemire describe in "Faster Base64 Encoding and
// Decoding Using AVX2 Instructions" (https://arxiv.org/abs/1704.00605), in their 128-bit form: the
// build's baseline (x86-64-v2) has SSE4.1.
#include <array>
#include <cstdint>

#include "wire/encoding.h"

#if defined(__SSE4_1__)
#include <smmintrin.h>
#endif

namespace tarn::wire {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kBad = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kBad);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

std::uint32_t octet(const char* at) {
  return static_cast<unsigned char>(*at);
}

#if defined(__SSE4_1__)

__m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

void store(char* at, __m128i value) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(at), value);
}

// Twelve bytes become sixteen numbers of six bits, one in each byte.
__m128i spread(__m128i bytes) {
  const __m128i order = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  const __m128i groups = _mm_shuffle_epi8(bytes, order);
  const __m128i odd = _mm_mulhi_epu16(_mm_and_si128(groups, _mm_set1_epi32(0x0fc0fc00)),
                                      _mm_set1_epi32(0x04000040));
  const __m128i even = _mm_mullo_epi16(_mm_and_si128(groups, _mm_set1_epi32(0x003f03f0)),
                                       _mm_set1_epi32(0x01000010));
  return _mm_or_si128(odd, even);
}

// Each number becomes its character: the distance between them is the same within a range of the
// alphabet.
__m128i to_characters(__m128i numbers) {
  const __m128i distances =
      _mm_setr_epi8(65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0);
  const __m128i beyond_upper = _mm_cmpgt_epi8(numbers, _mm_set1_epi8(25));
  const __m128i range = _mm_sub_epi8(_mm_subs_epu8(numbers, _mm_set1_epi8(51)), beyond_upper);
  return _mm_add_epi8(numbers, _mm_shuffle_epi8(distances, range));
}

// Encodes as many whole groups of twelve as may be loaded sixteen bytes at a time; how many bytes.
std::size_t encode_vectors(std::string_view bytes, char*& write) {
  std::size_t done = 0;
  for (; done + 16 <= bytes.size(); done += 12, write += 16)
    store(write, to_characters(spread(load(bytes.data() + done))));
  return done;
}

// Sixteen characters to their numbers; false where one is not of the alphabet.
bool to_numbers(__m128i characters, __m128i& numbers) {
  const __m128i low_table = _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                          0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
  const __m128i high_table = _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10,
                                           0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  const __m128i distances = _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i slash = _mm_set1_epi8('/');
  const __m128i high = _mm_and_si128(_mm_srli_epi32(characters, 4), slash);
  const __m128i low = _mm_and_si128(characters, slash);
  const __m128i wrong =
      _mm_and_si128(_mm_shuffle_epi8(low_table, low), _mm_shuffle_epi8(high_table, high));
  if (_mm_testz_si128(wrong, wrong) == 0) return false;
  const __m128i range = _mm_add_epi8(_mm_cmpeq_epi8(characters, slash), high);
  numbers = _mm_add_epi8(characters, _mm_shuffle_epi8(distances, range));
  return true;
}

// Sixteen numbers of six bits to twelve bytes, at the beginning of the register.
__m128i join(__m128i numbers) {
  const __m128i pairs = _mm_maddubs_epi16(numbers, _mm_set1_epi32(0x01400140));
  const __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
  const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  return _mm_shuffle_epi8(groups, order);
}

// Decodes while sixteen bytes may be written; how many characters. It stops before a wrong one,
// which the caller finds.
std::size_t decode_vectors(std::string_view text, char*& write, const char* end) {
  std::size_t done = 0;
  for (; done + 16 <= text.size() && end - write >= 16; done += 16, write += 12) {
    __m128i numbers;
    if (!to_numbers(load(text.data() + done), numbers)) break;
    store(write, join(numbers));
  }
  return done;
}

#else

std::size_t encode_vectors(std::string_view, char*&) {
  return 0;
}
std::size_t decode_vectors(std::string_view, char*&, const char*) {
  return 0;
}

#endif

void encode_group(const char* at, std::size_t count, char* write) {
  const std::uint32_t group =
      octet(at) << 16 | (count > 1 ? octet(at + 1) << 8 : 0) | (count > 2 ? octet(at + 2) : 0);
  write[0] = kAlphabet[group >> 18];
  write[1] = kAlphabet[group >> 12 & 63];
  write[2] = count > 1 ? kAlphabet[group >> 6 & 63] : '=';
  write[3] = count > 2 ? kAlphabet[group & 63] : '=';
}

// Two to four characters; false where one is not of the alphabet.
bool decode_group(std::string_view text, char* write) {
  std::uint32_t group = 0;
  for (const char& c : text) {
    const std::uint8_t value = kValues[octet(&c)];
    if (value == kBad) return false;
    group = group << 6 | value;
  }
  group <<= 6 * (4 - text.size());
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    write[i] = static_cast<char>(group >> (16 - 8 * i));
  return true;
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4);
  char* write = out.data() + start;
  for (std::size_t i = encode_vectors(bytes, write); i < bytes.size(); i += 3, write += 4)
    encode_group(bytes.data() + i, bytes.size() - i, write);
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  append_base64(bytes, out);
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string out(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  char* write = out.data();
  std::size_t i = decode_vectors(text, write, out.data() + out.size());
  for (; i < text.size(); i += 4, write += 3) {
    if (!decode_group(text.substr(i, 4), write)) return std::nullopt;
  }
  return out;
}

}  // namespace tarn::wire
