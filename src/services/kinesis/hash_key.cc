#include "services/kinesis/hash_key.h"

#include <algorithm>

#include "wire/md5.h"

namespace tarn::kinesis {

HashKey hash_partition_key(std::string_view partition_key) {
  HashKey key = 0;
  for (const std::uint8_t byte : wire::md5(partition_key)) key = key << 8 | byte;
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
