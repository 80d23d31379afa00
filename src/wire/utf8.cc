#include <simdjson.h>

#include "wire/encoding.h"

namespace tarn::wire {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t kLongest = 4;                        // bytes of a character

// Of the character that `text` begins with; 0 where it begins with none.
std::size_t character_size(std::string_view text) {
  for (std::size_t size = 1; size <= kLongest && size <= text.size(); ++size) {
    if (is_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string to_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string out;
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    out += size == 0 ? kReplacement : bytes.substr(0, size);
    bytes.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t at = most;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  // Nothing but the middle of characters is no UTF-8, and cut anywhere.
  return text.substr(0, at == 0 ? most : at);
}

}  // namespace tarn::wire
