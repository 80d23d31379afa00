// RandomSource: the fast chance inside one renderer.
//
// Place: generator. Seeded from platform::Random (or by the user, for the same records again);
// never used for keys or anything that must not be guessed. Threads: one thread at a time.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tarn::generator {

// xoshiro256++ by Blackman and Vigna (https://prng.di.unimi.it/), its state filled by splitmix64 as
// they advise.
class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t mixed = seed;
      mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
      word = mixed ^ (mixed >> 31U);
    }
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Evenly in [0, bound), bound > 0: the high half of a product (Lemire), whose bias of bound /
  // 2^64 nothing can see at the sizes of a record template.
  std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64U);
  }

  // Evenly in [low, high], low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const std::uint64_t step = span == UINT64_MAX ? next() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
  }

  // In [0, 1) with 53 random bits.
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<std::size_t>(below(list.size()))];
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace tarn::generator
