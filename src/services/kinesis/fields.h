// Fields: numbers at fixed places of headers on disk, little-endian (docs/formats/kinesis-log.md).
//
// Place: services/kinesis. Threads: pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace tarn::kinesis {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian");

// There is room for the value from `at` on, in both.
template <class T>
void store_at(char* bytes, std::size_t at, T value) {
  std::memcpy(bytes + at, &value, sizeof(value));
}

template <class T>
T load_at(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

}  // namespace tarn::kinesis
