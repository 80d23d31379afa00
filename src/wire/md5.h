// MD5, also of several streams side by side.
//
// Place: wire; the ETag of every object is one (S3), so it must not be what uploads wait for. One
// step of MD5 needs the one before, so a stream alone leaves most of a core idle: four streams in
// the lanes of a vector take little longer than one. Threads: an Md5 belongs to one thread at a
// time.
//
// Source: RFC 1321. It guards against accidents only; what must resist people is SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tarn::wire {

inline constexpr std::size_t kMd5Bytes = 16;

// Of a text that is there as a whole.
[[nodiscard]] std::array<std::uint8_t, kMd5Bytes> md5(std::string_view text);

class Md5 {
 public:
  void update(std::string_view data);
  // 16 bytes, of all that was added so far; adding may go on.
  [[nodiscard]] std::string digest() const;

  // A stream and what is to be added to it.
  struct Addition {
    Md5* stream;
    std::string_view data;
  };
  // Adds to several different streams at once; the same as update() of each. Any number.
  static void update_together(std::span<Addition> additions);

 private:
  static constexpr std::size_t kBlockBytes = 64;
  using State = std::array<std::uint32_t, 4>;

  // Completes the block that has begun; gives what is left of `data`.
  std::string_view fill_block(std::string_view data);
  void keep_rest(std::string_view data);
  static void update_four(std::span<Addition> additions);

  State state_ = {0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U};
  std::uint64_t length_ = 0;  // bytes
  std::array<char, kBlockBytes> block_{};
};

}  // namespace tarn::wire
