#include "wire/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <immintrin.h>

#include <openssl/evp.h>

#include "wire/encoding.h"

namespace tarn::wire {
namespace {

// All three CRCs are reflected: bit 0 of a register stands for the highest power of x. Word is the
// register: 32 or 64 bits; kPolynomial is the reflected polynomial without its highest term.
template <class Word, Word kPolynomial>
struct Crc {
  static constexpr int kBits = static_cast<int>(sizeof(Word) * 8);

  // value * x mod P
  static constexpr Word times_x(Word value) {
    return (value & 1) != 0 ? (value >> 1) ^ kPolynomial : value >> 1;
  }

  // x^power mod P
  static constexpr Word power_of_x(unsigned power) {
    Word value = Word{1} << (kBits - 1);
    for (unsigned i = 0; i < power; ++i) value = times_x(value);
    return value;
  }

  // a * b mod P
  static constexpr Word multiply(Word a, Word b) {
    Word product = 0;
    for (int bit = kBits - 1; bit >= 0; --bit) {
      if (((a >> bit) & 1) != 0) product ^= b;
      b = times_x(b);
    }
    return product;
  }

  // tables[k][b]: the register after byte b and k zero bytes ("slicing by 8").
  static constexpr std::array<std::array<Word, 256>, 8> make_tables() {
    std::array<std::array<Word, 256>, 8> tables{};
    for (unsigned byte = 0; byte < 256; ++byte) {
      Word value = byte;
      for (int bit = 0; bit < 8; ++bit) value = times_x(value);
      tables[0][byte] = value;
    }
    for (unsigned k = 1; k < 8; ++k) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        const Word before = tables[k - 1][byte];
        tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
      }
    }
    return tables;
  }
  static constexpr std::array<std::array<Word, 256>, 8> kTables = make_tables();

  // The register after `data` (no inversion at either end).
  static Word by_tables(Word value, const char* data, std::size_t size) {
    for (; size >= 8; data += 8, size -= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, data, 8);
      word ^= value;
      value = 0;
      for (unsigned k = 0; k < 8; ++k) value ^= kTables[7 - k][(word >> (8 * k)) & 0xff];
    }
    for (; size > 0; ++data, --size) {
      value = (value >> 8) ^ kTables[0][(value ^ static_cast<unsigned char>(*data)) & 0xff];
    }
    return value;
  }

  // x^power mod P as a 64-bit carry-less operand. A product of two reflected 64-bit operands comes
  // out multiplied by x once more, hence the - 1.
  static constexpr std::uint64_t fold_constant(unsigned power) {
    return static_cast<std::uint64_t>(power_of_x(power - 1)) << (64 - kBits);
  }

  struct Fold {
    std::uint64_t
        high;  // for the 64 bits that stand for the higher powers (the register's low half)
    std::uint64_t low;
  };
  static constexpr Fold kBy128 = {fold_constant(128 + 64), fold_constant(128)};
  static constexpr Fold kBy512 = {fold_constant(512 + 64), fold_constant(512)};

  __attribute__((target("pclmul,sse4.1"))) static __m128i fold(__m128i value, __m128i constants,
                                                               __m128i next) {
    const __m128i high = _mm_clmulepi64_si128(value, constants, 0x00);
    const __m128i low = _mm_clmulepi64_si128(value, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(high, low), next);
  }

  __attribute__((target("pclmul,sse4.1"))) static __m128i load(const char* data) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
  }

  __attribute__((target("pclmul,sse4.1"))) static __m128i constants(Fold by) {
    return _mm_set_epi64x(std::bit_cast<std::int64_t>(by.low),
                          std::bit_cast<std::int64_t>(by.high));
  }

  // Four lanes of 128 bits are folded over the data, then into one, whose 16 bytes stand for all
  // that was read (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
  // Instruction", Intel 2009). `size` is at least 64.
  __attribute__((target("pclmul,sse4.1"))) static Word by_folding(Word value, const char* data,
                                                                  std::size_t size) {
    __m128i lanes[4];  // std::array would drop the vector type's attributes
    for (unsigned i = 0; i < 4; ++i) lanes[i] = load(data + 16 * i);
    lanes[0] = _mm_xor_si128(
        lanes[0],
        _mm_set_epi64x(0, std::bit_cast<std::int64_t>(static_cast<std::uint64_t>(value))));
    data += 64;
    size -= 64;
    const __m128i by512 = constants(kBy512);
    for (; size >= 64; data += 64, size -= 64) {
      for (unsigned i = 0; i < 4; ++i) lanes[i] = fold(lanes[i], by512, load(data + 16 * i));
    }
    const __m128i by128 = constants(kBy128);
    __m128i whole = lanes[0];
    for (unsigned i = 1; i < 4; ++i) whole = fold(whole, by128, lanes[i]);
    for (; size >= 16; data += 16, size -= 16) whole = fold(whole, by128, load(data));
    std::array<char, 16> rest{};
    std::memcpy(rest.data(), &whole, rest.size());
    return by_tables(by_tables(0, rest.data(), rest.size()), data, size);
  }

  static Word extend(Word before, std::string_view data) {
    const Word value = static_cast<Word>(~before);
    const bool folds = data.size() >= 64 && __builtin_cpu_supports("pclmul") != 0;
    return static_cast<Word>(~(folds ? by_folding(value, data.data(), data.size())
                                     : by_tables(value, data.data(), data.size())));
  }

  // As zlib's crc32_combine: the first value moved up by the second's length.
  static Word combine(Word first, Word second, std::uint64_t second_length) {
    Word shift = power_of_x(0);
    Word square = power_of_x(8);
    for (; second_length > 0; second_length >>= 1) {
      if ((second_length & 1) != 0) shift = multiply(shift, square);
      square = multiply(square, square);
    }
    return multiply(first, shift) ^ second;
  }
};

using Crc32 = Crc<std::uint32_t, 0xEDB88320U>;
using Crc32c = Crc<std::uint32_t, 0x82F63B78U>;
using Crc64Nvme = Crc<std::uint64_t, 0x9A6C9329AC4BC9B5ULL>;

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    out[size - 1 - i] = static_cast<char>((value >> (8 * i)) & 0xff);
  return out;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

const EVP_MD* openssl_digest(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kSha1: return EVP_sha1();
    case ChecksumAlgorithm::kSha256: return EVP_sha256();
    default: return EVP_sha512();
  }
}

struct Traits {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::size_t size;
};
constexpr std::array<Traits, kChecksumAlgorithms.size()> kTraits = {
    Traits{ChecksumAlgorithm::kCrc32, "CRC32", 4},
    Traits{ChecksumAlgorithm::kCrc32c, "CRC32C", 4},
    Traits{ChecksumAlgorithm::kCrc64Nvme, "CRC64NVME", 8},
    Traits{ChecksumAlgorithm::kSha1, "SHA1", 20},
    Traits{ChecksumAlgorithm::kSha256, "SHA256", 32},
    Traits{ChecksumAlgorithm::kSha512, "SHA512", 64},
    Traits{ChecksumAlgorithm::kMd5, "MD5", 16}};

const Traits& traits(ChecksumAlgorithm algorithm) {
  return kTraits[static_cast<std::size_t>(algorithm)];
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::string_view checksum_name(ChecksumAlgorithm algorithm) {
  return traits(algorithm).name;
}

std::size_t checksum_size(ChecksumAlgorithm algorithm) {
  return traits(algorithm).size;
}

bool is_crc(ChecksumAlgorithm algorithm) {
  return algorithm <= ChecksumAlgorithm::kCrc64Nvme;
}

std::optional<ChecksumAlgorithm> find_checksum(std::string_view name) {
  std::string wanted(name);
  for (char& c : wanted) c = upper(c);
  for (const Traits& entry : kTraits) {
    if (entry.name == wanted) return entry.algorithm;
  }
  return std::nullopt;
}

struct Checksum::Hash {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Checksum::Checksum(ChecksumAlgorithm algorithm) : algorithm_(algorithm) {
  if (is_crc(algorithm)) return;
  if (algorithm == ChecksumAlgorithm::kMd5) {
    md5_.emplace();
    return;
  }
  hash_ = std::make_unique<Hash>();
  EVP_DigestInit_ex(hash_->context.get(), openssl_digest(algorithm), nullptr);
}

Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;
Checksum::~Checksum() = default;

void Checksum::update(std::string_view data) {
  switch (algorithm_) {
    case ChecksumAlgorithm::kCrc32: crc_ = crc32(data, static_cast<std::uint32_t>(crc_)); break;
    case ChecksumAlgorithm::kCrc32c: crc_ = crc32c(data, static_cast<std::uint32_t>(crc_)); break;
    case ChecksumAlgorithm::kCrc64Nvme: crc_ = crc64nvme(data, crc_); break;
    case ChecksumAlgorithm::kMd5: md5_->update(data); break;
    default: EVP_DigestUpdate(hash_->context.get(), data.data(), data.size());
  }
}

std::string Checksum::digest() const {
  if (is_crc(algorithm_)) return big_endian(crc_, checksum_size(algorithm_));
  if (md5_) return md5_->digest();
  // Finishing a copy leaves the running state usable.
  const Hash copy;
  EVP_MD_CTX_copy_ex(copy.context.get(), hash_->context.get());
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_DigestFinal_ex(copy.context.get(), out.data(), &size);
  return {out.begin(), out.begin() + size};
}

std::string Checksum::base64() const {
  return to_base64(digest());
}

std::uint32_t crc32(std::string_view data, std::uint32_t before) {
  return Crc32::extend(before, data);
}

std::uint32_t crc32c(std::string_view data, std::uint32_t before) {
  return Crc32c::extend(before, data);
}

std::uint64_t crc64nvme(std::string_view data, std::uint64_t before) {
  return Crc64Nvme::extend(before, data);
}

std::string combine_crc(ChecksumAlgorithm algorithm, std::string_view first,
                        std::string_view second, std::uint64_t second_length) {
  const std::uint64_t a = from_big_endian(first);
  const std::uint64_t b = from_big_endian(second);
  const std::size_t size = checksum_size(algorithm);
  if (algorithm == ChecksumAlgorithm::kCrc64Nvme)
    return big_endian(Crc64Nvme::combine(a, b, second_length), size);
  const auto a32 = static_cast<std::uint32_t>(a);
  const auto b32 = static_cast<std::uint32_t>(b);
  return big_endian(algorithm == ChecksumAlgorithm::kCrc32
                        ? Crc32::combine(a32, b32, second_length)
                        : Crc32c::combine(a32, b32, second_length),
                    size);
}

}  // namespace tarn::wire
