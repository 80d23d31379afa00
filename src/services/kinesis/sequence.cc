#include "services/kinesis/sequence.h"

#include <charconv>

namespace tarn::kinesis {

namespace {

constexpr std::string_view kSequenceVersion = "49";
constexpr std::size_t kEpochDigits = 13;
constexpr std::size_t kCounterDigits = 20;
constexpr std::size_t kShardDigits = 10;
constexpr std::size_t kEpochAt = kSequenceVersion.size();
constexpr std::size_t kCounterAt = kEpochAt + kEpochDigits;
constexpr std::size_t kShardAt = kCounterAt + kCounterDigits;
constexpr std::size_t kRoomAt = kShardAt + kShardDigits;

void write_digits(char* at, std::size_t width, std::uint64_t value) {
  for (char* digit = at + width; value != 0 && digit != at; value /= 10) {
    *--digit = static_cast<char>('0' + value % 10);
  }
}

template <class T>
bool read_digits(std::string_view digits, T& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

std::string format_sequence(const SequenceNumber& sequence) {
  std::string text(kSequenceDigits, '0');
  text.replace(0, kSequenceVersion.size(), kSequenceVersion);
  write_digits(text.data() + kEpochAt, kEpochDigits, sequence.origin.epoch_ms);
  write_digits(text.data() + kCounterAt, kCounterDigits, sequence.counter);
  write_digits(text.data() + kShardAt, kShardDigits, sequence.origin.shard);
  return text;
}

std::optional<SequenceNumber> parse_sequence(std::string_view text) {
  if (text.size() != kSequenceDigits || !text.starts_with(kSequenceVersion)) return std::nullopt;
  if (text.find_first_not_of('0', kRoomAt) != std::string_view::npos) return std::nullopt;
  SequenceNumber sequence;
  if (!read_digits(text.substr(kEpochAt, kEpochDigits), sequence.origin.epoch_ms) ||
      !read_digits(text.substr(kCounterAt, kCounterDigits), sequence.counter) ||
      !read_digits(text.substr(kShardAt, kShardDigits), sequence.origin.shard)) {
    return std::nullopt;
  }
  return sequence;
}

}  // namespace tarn::kinesis
