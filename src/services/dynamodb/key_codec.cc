#include "services/dynamodb/key_codec.h"

namespace tarn::dynamodb {
namespace {

// A zero byte is written as 00 FF, and 00 01 ends the text: the end is smaller than any byte that
// may follow.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    out += c;
    if (c == '\0') out += static_cast<char>(0xff);
  }
}

template <class Unsigned>
void append_big_endian(std::string& out, Unsigned number) {
  for (int shift = (static_cast<int>(sizeof(Unsigned)) - 1) * 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU);
  }
}

}  // namespace

void append_key_prefix(std::string& out, const Value& value) {
  if (const auto* text = value.get<std::string>()) append_escaped(out, *text);
  if (const auto* binary = value.get<Binary>()) append_escaped(out, binary->bytes);
}

void append_key_value(std::string& out, const Value& value) {
  if (const auto* number = value.get<Decimal>()) {
    number->append_ordered(out);
    return;
  }
  append_key_prefix(out, value);
  out.append("\x00\x01", 2);
}

std::uint32_t ring_position(std::string_view key_form) {
  // FNV-1a, 64 bits, then mixed down (the low bits of FNV alone spread short keys badly).
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : key_form) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  hash ^= hash >> 33U;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33U;
  return static_cast<std::uint32_t>(hash);
}

void append_u64(std::string& out, std::uint64_t number) {
  append_big_endian(out, number);
}
void append_u32(std::string& out, std::uint32_t number) {
  append_big_endian(out, number);
}
void append_u16(std::string& out, std::uint16_t number) {
  append_big_endian(out, number);
}

}  // namespace tarn::dynamodb
